"""Many units of one app: samples, rates with intervals, and the files of a run."""
