<%page args="integrator, s"/>\
<%! from textwrap import indent %>\
<%namespace name="step" file="numba_step.py.mako"/>\
<%namespace name="coupling" file="numba_coupling.py.mako"/>\

    @njit(cache=cache, **OPTIONS)
    def ${integrator}(
        first, steps, step_size, parts, visits, source, delay, weight, self_weight, weight_sums, hoisted, items,
        key0, key1, input_row, input_values, state, history, horizon, window, sums, output, diverged,
    ):  # fmt: skip
        """Advance one lane block by `steps` steps from step `first`."""
        n_node = self_weight.size
% if "dt" in s.used:
        dt = real(step_size)
% endif
% if "node_count" in s.used:
        node_count = real(n_node)
% endif
% if s.rows or any(e.rows for e in edge_sums):
        regional = 1 if hoisted.shape[1] > 1 else 0
% endif
        per_window = real(1.0 / window)
% if any(sum_.gates for sum_ in (*accumulators, *edge_sums)):
        # sums over edges that parameters multiply with zero for all work items and nodes are left out
% for sum_ in (*accumulators, *edge_sums):
% if sum_.gates:
        with_${sum_.name} = True
        for gate in ${repr(sum_.gates)}:
            with_${sum_.name} &= np.any(hoisted[gate] != real(0.0))
% endif
% endfor
% endif
% if factors:
        ring = (horizon + block) * lanes
% endif
        scratch = np.zeros((${s.n_scratch}, vector), real)
        by_node = scratch.reshape(${s.n_scratch}, width, lanes)
% if normals:
        # the node and work item that random numbers are drawn for; a quotient and a remainder would be no vectors
        drawn_for = np.zeros((2, vector), np.uint32)
% endif
        flat, flat_state, flat_sums = scratch.reshape(-1), state.reshape(-1), sums.reshape(-1)
        flat_output = output.reshape(-1)
% if s.rows:
        flat_hoisted, columns = hoisted.reshape(-1), hoisted.shape[1]
% endif
% if edge_sums and factors:
        slots = history.reshape(${len(factors)} * n_node, horizon + block, lanes)
% endif
% if accumulators:
        # sums over edges for a block of steps; apart, those of one node where several go together, and those of all
        # nodes where sources go in tiles
        n_sum = ${f"{len(accumulators)} * " if len(accumulators) > 1 else ""}(visits[-1, 3] + 1)
        coupled = np.zeros((n_sum, block, vector), real)
        flat_coupled = coupled.reshape(-1)
        last_tile = len(parts) - 2
        apart = width > 1 or last_tile > 0
        of_nodes = np.zeros((n_node if last_tile > 0 else 1) * ${f"{len(accumulators)} * " if len(accumulators) > 1 else ""}span, real) if apart else flat_coupled
% endif
        for begin in range(0, steps, block):
% if factors:
            at = (first + begin) % horizon
% endif
% if accumulators:
            # sums over all tiles of sources but the last, a tile for all nodes at a time
% for a in accumulators:
            for tile in range(${f"last_tile if with_{a.name} else 0" if a.gates else "last_tile"}):
                for node in range(n_node):
                    cell = ${coupling.node_sum(a)} * span
${coupling.add_tile(a, "tile")}\
% endfor
% endif
            for visit in range(len(visits)):
                first_node, from_step = visits[visit, 0], visits[visit, 1]
% if accumulators:
                place = ${f"{len(accumulators)} * " if len(accumulators) > 1 else ""}visits[visit, 3]
% endif
                to_step = min(from_step + visits[visit, 2], steps - begin)
                if to_step <= from_step:
                    continue
                present = min(width, n_node - first_node)
                active = present * lanes
                # the sample that the next window to end makes, and the step of the block after which it ends
                sample = (first + begin + from_step) // window
                window_end = (sample + 1) * window - (first + begin)
                sample -= first // window
${coupling.sums()}\
                # copy in: what the nodes keep from step to step
                for nth in range(present):
                    node = first_node + nth
                    entry, here = nth * lanes, node * lanes
% for row, name in s.rows:
                    copy(flat, ${s.row[name]} * vector + entry, flat_hoisted, (${row} * columns + node * regional) * lanes, lanes)
% endfor
% for name in states:
                    copy(flat, ${s.row[name]} * vector + entry, flat_state, ${f"{loop.index} * n_node * lanes + " if loop.index else ""}here, lanes)
% endfor
% for name in exposures:
                    copy(flat, ${s.exposure_row[loop.index]} * vector + entry, flat_sums, ${f"{loop.index} * n_node * lanes + " if loop.index else ""}here, lanes)
% endfor
% for k, name in s.loaded_factors:
                    cell = ${f"({k} * n_node + node)" if k else "node"} * ring + (at + from_step) * lanes
                    copy(flat, ${s.row[name]} * vector + entry, history, cell, lanes)
% endfor
% if normals:
                    for lane in range(lanes if noisy else 0):
                        drawn_for[0, entry + lane], drawn_for[1, entry + lane] = node, items[lane]
% endif
% if s.has_own_weight or weight_sum in s.leaves:
                    for lane in range(lanes):
% if s.has_own_weight:
                        by_node[${s.own_row}, nth, lane] = self_weight[node]
% endif
% if weight_sum in s.leaves:
                        by_node[${s.row[weight_sum]}, nth, lane] = weight_sums[node]
% endif
% endif
                for entry in range(vector):
                    scratch[${s.finite_row}, entry] = real(0.0)
                for ahead in range(from_step, to_step):
                    step = first + begin + ahead
% if "time_now" in s.used:
                    time_now = real(step * step_size)
% endif
% if inputs:
                    for nth in range(present):
% for name in inputs:
                        given = input_values[input_row[begin + ahead], ${loop.index}, first_node + nth]
                        for lane in range(lanes):
                            by_node[${s.row[name]}, nth, lane] = given
% endfor
% endif
% for e in edge_sums:
                    for nth in range(${f"present if with_{e.name} else 0" if e.gates else "present"}):
                        node = first_node + nth
% for line in e.step_lines:
                        ${line}
% endfor
${step.sum_over_edges(s, e)}\
% if e.angles:
                        # again with sines of any angle, where one is beyond what the vectors' functions take
                        if any_above(flat, ${s.angle_row} * vector + nth * lanes, lanes, largest_angle):
${indent(capture(step.sum_over_edges, s, of_any_angle["edge_sums"][loop.index]), "    ")}\
% endif
% endfor
<%include file="numba_noise.py.mako" args="s=s"/>\
% for line in s.step_lines:
                    ${line}
% endfor
                    # the model's equations, and what the step leaves for the next
${step.equations(s, keep=True)}\
% if s.angles:
                    # again with sines of any angle, where one is beyond what the vectors' functions take
                    if any_above(flat, ${s.angle_row} * vector, vector, largest_angle):
${indent(capture(step.equations, of_any_angle["schemes"][integrator], keep=False), "    ")}\
% endif
% if factors:
                    # the factors of the next step go into the ring, and into its repeated beginning
                    slot = at + ahead + 1
                    slot -= horizon if slot >= horizon else 0
                    for nth in range(present):
                        cell = (first_node + nth) * ring + slot * lanes
% for name in factors:
                        copy(history, ${f"{loop.index} * n_node * ring + " if loop.index else ""}cell, flat, ${s.factor_row[loop.index]} * vector + nth * lanes, lanes)
% endfor
                    if slot < block:
                        for nth in range(present):
                            cell = (first_node + nth) * ring + (slot + horizon) * lanes
% for name in factors:
                            copy(history, ${f"{loop.index} * n_node * ring + " if loop.index else ""}cell, flat, ${s.factor_row[loop.index]} * vector + nth * lanes, lanes)
% endfor
% endif
                    if ahead + 1 == window_end:
                        for entry in range(active):
% for name in exposures:
                            scratch[${s.exposure_row[loop.index]}, entry] *= per_window
% endfor
                        for nth in range(present):
                            cell = (sample * ${len(exposures)} * n_node + first_node + nth) * lanes
% for name in exposures:
                            copy(flat_output, ${f"{loop.index} * n_node * lanes + " if loop.index else ""}cell, flat, ${s.exposure_row[loop.index]} * vector + nth * lanes, lanes)
% endfor
                        for entry in range(active):
% for name in exposures:
                            scratch[${s.exposure_row[loop.index]}, entry] = real(0.0)
% endfor
                        sample, window_end = sample + 1, window_end + window
                # copy out
                for nth in range(present):
                    entry, here = nth * lanes, (first_node + nth) * lanes
% for name in states:
                    copy(flat_state, ${f"{loop.index} * n_node * lanes + " if loop.index else ""}here, flat, ${s.row[name]} * vector + entry, lanes)
% endfor
% for name in exposures:
                    copy(flat_sums, ${f"{loop.index} * n_node * lanes + " if loop.index else ""}here, flat, ${s.exposure_row[loop.index]} * vector + entry, lanes)
% endfor
                if any_above(flat, ${s.finite_row} * vector, vector, real(0.0)):
                    for entry in range(active):
                        if scratch[${s.finite_row}, entry] > real(0.0):
                            lane = entry % lanes
                            diverged[lane] = min(diverged[lane], first + begin + block - int(scratch[${s.finite_row}, entry]))
