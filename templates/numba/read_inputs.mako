for nth in range(present):
    for row in range(${len(inputs)}):
        value = input_values[input_row[${"begin + ahead" if traversals == 1 else f"(begin + ahead) // {traversals}"}], row, first_node + nth]
        for lane in range(lanes):
            by_node[${rows.input} + row, nth, lane] = value
