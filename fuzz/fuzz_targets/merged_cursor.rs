#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| groupgraph_fuzz::merged_cursor::run(data));
