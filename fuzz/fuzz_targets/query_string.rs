#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| groupgraph_fuzz::query_string::run(data));
