sum_edges<${delayed}, ${", ".join(str(a.factor) for a in accumulators)}>(edges, node, at, history, on, coupled, group, lane);
