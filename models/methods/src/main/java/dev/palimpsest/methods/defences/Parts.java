package dev.palimpsest.methods.defences;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.engine.OneStep;
import dev.palimpsest.engine.Progress;
import dev.palimpsest.engine.Stepwise;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.List;

/** Work in parts, one after the other, counted as one. */
final class Parts implements Stepwise {
  private static final String COUNTS = "parts";
  private static final String PART = "part.";

  /**
   * A part.
   *
   * @param work what it leaves for the parts behind it is in the state of each of these
   * @param epochs how many
   * @param measured whether the defended network is another one after each epoch
   */
  record Part(Stepwise work, int epochs, boolean measured) {
    /** A step before the first epoch. */
    static Part before(OneStep work) {
      return new Part(work, 0, false);
    }
  }

  private final List<Part> parts;
  private final Runnable closing;
  private int current;
  private long stepsBefore;
  private long evaluationsBefore;
  private int epochsBefore;

  /**
   * Nothing is done yet.
   *
   * @param closing closes what the parts share
   */
  Parts(List<Part> parts, Runnable closing) {
    this.parts = List.copyOf(parts);
    this.closing = closing;
  }

  Parts(Part... parts) {
    this(List.of(parts), () -> {});
  }

  private Stepwise work() {
    return parts.get(current).work();
  }

  @Override
  public long total() {
    return parts.stream().mapToLong(part -> part.work().total()).sum();
  }

  @Override
  public long done() {
    return stepsBefore + work().done();
  }

  @Override
  public Progress step() {
    Part part = parts.get(current);
    Progress progress = part.work().step();
    var whole =
        new Progress(
            done(),
            total(),
            epochsBefore + progress.epoch(),
            parts.stream().mapToInt(Part::epochs).sum(),
            progress.endsEpoch() && part.measured(),
            progress.metrics());
    if (part.work().finished() && current < parts.size() - 1) {
      evaluationsBefore += part.work().gradientEvaluations();
      begin(current + 1);
    }
    return whole;
  }

  private void begin(int part) {
    current = part;
    stepsBefore = parts.subList(0, part).stream().mapToLong(each -> each.work().total()).sum();
    epochsBefore = parts.subList(0, part).stream().mapToInt(Part::epochs).sum();
  }

  @Override
  public long gradientEvaluations() {
    return evaluationsBefore + work().gradientEvaluations();
  }

  @Override
  public Tensors state() {
    return new Tensors.Builder()
        .put(COUNTS, Tensor.of(new long[] {current, total(), evaluationsBefore}, 3))
        .putUnder(PART, work().state())
        .build();
  }

  @Override
  public void restore(Tensors state) {
    long[] counts = state.get(COUNTS).longs();
    if (counts.length != 3 || counts[1] != total()) {
      throw new Mistake("the saved state belongs to a defence of another number of steps.");
    }
    begin((int) counts[0]);
    evaluationsBefore = counts[2];
    work().restore(state.under(PART));
  }

  @Override
  public void close() {
    parts.forEach(part -> part.work().close());
    closing.run();
  }
}
