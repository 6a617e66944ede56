"""What `./run bench` measures: ratios within one run, against plain things done by hand."""
