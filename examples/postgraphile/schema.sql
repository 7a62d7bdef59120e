-- The database of a company that knows nothing of groupgraph: other names, other types, text keys and uuids.
DROP SCHEMA IF EXISTS harbour CASCADE;
CREATE SCHEMA harbour;

CREATE TABLE harbour.person (
  person_code text PRIMARY KEY,
  full_name text NOT NULL,
  mail text,
  job text,
  left_on date
);

CREATE TABLE harbour.enquiry (
  id uuid PRIMARY KEY,
  contact text NOT NULL,
  company text,
  mail text,
  phone text,
  stage text NOT NULL,
  worth numeric(12, 2),
  received timestamptz NOT NULL,
  handled_by text REFERENCES harbour.person
);
CREATE INDEX ON harbour.enquiry (received, id);

CREATE TABLE harbour.bill (
  bill_no integer PRIMARY KEY,
  customer text NOT NULL,
  issued date NOT NULL,
  due date NOT NULL,
  state text NOT NULL,
  total_cents bigint NOT NULL,
  paid_cents bigint NOT NULL
);

INSERT INTO harbour.person VALUES
  ('HW-001', 'Ines Duarte', 'ines@harbour.example', 'Sales', NULL),
  ('HW-002', 'Paul Okafor', 'paul@harbour.example', 'Sales', NULL),
  ('HW-003', 'Rita Lopes', NULL, 'Workshop', NULL),
  ('HW-004', 'Old Tom', 'tom@harbour.example', 'Workshop', '2024-12-31');

INSERT INTO harbour.enquiry
SELECT md5('enquiry ' || n)::uuid, 'Contact ' || n, CASE WHEN n % 3 > 0 THEN 'Shipyard ' || n % 7 END,
       'contact' || n || '@customer.example', '+35191000' || lpad(n::text, 4, '0'),
       (ARRAY['new', 'talking', 'won', 'gone'])[1 + n % 4], CASE WHEN n % 5 > 0 THEN n * 12.5 END,
       timestamptz '2026-01-01 08:00+01' + (n % 60) * interval '1 day', 'HW-00' || (1 + n % 2)
FROM generate_series(1, 240) AS n;

INSERT INTO harbour.bill
SELECT n, 'Shipyard ' || n % 7, date '2026-01-15' + n, date '2026-02-14' + n,
       (ARRAY['open', 'part', 'paid'])[1 + n % 3], n * 1000, CASE n % 3 WHEN 2 THEN n * 1000 WHEN 1 THEN n * 400 ELSE 0 END
FROM generate_series(1, 60) AS n;
