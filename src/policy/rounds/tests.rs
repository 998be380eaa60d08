//! What is asked, in which order, and what answers lead to.
