package dev.palimpsest.stages;

import dev.palimpsest.report.Table;
import java.util.stream.DoubleStream;

/** The decimal unit in which a column of a table gives bytes. */
enum ByteUnit {
  B(1, 0),
  KB(1e3, 1),
  MB(1e6, 2);

  private final double bytes;
  private final int decimals;

  ByteUnit(double bytes, int decimals) {
    this.bytes = bytes;
    this.decimals = decimals;
  }

  /** The greatest unit of which the largest value has one or more. */
  static ByteUnit of(DoubleStream values) {
    double most = values.max().orElse(0);
    return most >= MB.bytes ? MB : most >= KB.bytes ? KB : B;
  }

  Table.Column column(String group, String name) {
    return Table.Column.number(group, name, this == KB ? "kB" : name(), decimals);
  }

  Table.Cell cell(double value) {
    return Table.Cell.of(value / bytes);
  }
}
