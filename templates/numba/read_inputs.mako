for nth in range(present):
    for row in range(${len(inputs)}):
        value = input_values[input_row[${"begin + ahead" if sweeps == 1 else f"(begin + ahead) // {sweeps}"}], row, first_node + nth]
        for lane in range(lanes):
            by_node[${rows.input} + row, nth, lane] = value
