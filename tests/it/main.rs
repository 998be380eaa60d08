//! One integration binary: the layers, and the real binary end to end.
