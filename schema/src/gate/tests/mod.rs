//! The gate: what is counted, what it costs, who is refused, and what answers look like.

mod answers;
mod attacks;
mod costs;
mod counts;
mod inputs;
mod typenames;
mod valid;
