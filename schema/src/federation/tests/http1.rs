//! Answers as servers write them, and as they should not.

use proptest::prelude::*;
use tokio::io::duplex;

use super::*;

#[derive(Debug, Default)]
struct Kept(Vec<u8>);

impl Sink for Kept {
    type Refusal = io::Error;

    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn room(&mut self) -> Option<&mut Vec<u8>> {
        Some(&mut self.0)
    }
}

/// Status, body and whether the connection stays, of an answer that comes in pieces of a size.
async fn read(answer: &[u8], size: usize) -> io::Result<(u16, String, bool)> {
    let (mut here, mut there) = duplex(64 * 1024);
    let pieces: Vec<Vec<u8>> = answer.chunks(size.max(1)).map(<[u8]>::to_vec).collect();
    let server = async move {
        for piece in pieces {
            // Whoever has heard enough is gone.
            let _ = there.write_all(&piece).await;
            tokio::task::yield_now().await;
        }
    };
    let client = async move {
        let (head, answer) = ask(&mut here, b"POST / HTTP/1.1\r\n\r\n").await?;
        let mut kept = Kept::default();
        let stays = answer.body(&head, &mut kept).await?;
        Ok((head.status.as_u16(), String::from_utf8_lossy(&kept.0).into_owned(), stays))
    };
    tokio::join!(server, client).1
}

#[tokio::test]
async fn answers_are_read_whole_however_they_come() {
    let long = "x".repeat(40_000);
    let table: Vec<(String, u16, &str, bool)> = vec![
        ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello".into(), 200, "hello", true),
        (format!("HTTP/1.1 200 OK\r\nContent-Length: 40000\r\n\r\n{long}"), 200, &long, true),
        ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello".into(), 200, "hello", false),
        ("HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\nhello".into(), 200, "hello", false),
        ("HTTP/1.0 200 OK\r\ncontent-length: 5\r\nconnection: Keep-Alive\r\n\r\nhello".into(), 200, "hello", true),
        ("HTTP/1.1 200 OK\r\n\r\nhello".into(), 200, "hello", false),
        (
            "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n".into(),
            404,
            "",
            true,
        ),
        ("HTTP/1.1 204 No Content\r\n\r\n".into(), 204, "", true),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\nx-sum: 1\r\n\r\n"
                .into(),
            200,
            "hello",
            true,
        ),
    ];
    for (answer, status, body, stays) in &table {
        for size in [1, 7, 100_000] {
            let found = read(answer.as_bytes(), size).await.unwrap_or_else(|error| panic!("{error}: {answer:.90}"));
            assert_eq!((found.0, found.1.as_str(), found.2), (*status, *body, *stays), "{answer:.90}, {size} at once");
        }
    }
}

#[tokio::test]
async fn what_nobody_asked_for_is_not_the_next_answer() {
    let found = read(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello and more", 100_000).await;
    assert_eq!(found.expect("an answer"), (200, "hello".into(), false));
}

#[tokio::test]
async fn what_is_no_answer_is_an_error() {
    for answer in [
        "",
        "HTTP/1.1 200",
        "<html>",
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort",
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\ncontent-length: +1\r\n\r\na",
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff1\r\nhello",
    ] {
        let found = read(answer.as_bytes(), 100_000).await;
        assert!(found.is_err(), "{answer:?} gave {found:?}");
    }
    let endless = format!("HTTP/1.1 200 OK\r\nx: {}", "y".repeat(200_000));
    assert!(read(endless.as_bytes(), 100_000).await.is_err());
}

proptest! {
    #[test]
    fn nothing_that_comes_is_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), size in 1_usize..50) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let answer = [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".as_slice(), &bytes].concat();
        let _ = runtime.block_on(read(&bytes, size));
        let _ = runtime.block_on(read(&answer, size));
    }
}
