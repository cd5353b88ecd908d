package dev.palimpsest.stages;

import dev.palimpsest.engine.Progress;
import dev.palimpsest.engine.Stepwise;
import dev.palimpsest.tensors.Tensors;
import java.util.List;

/** Pieces of work one after the other; closes them. */
record Chain(List<Stepwise> links) implements Stepwise {
  @Override
  public long total() {
    return links.stream().mapToLong(Stepwise::total).sum();
  }

  @Override
  public long done() {
    return links.stream().mapToLong(Stepwise::done).sum();
  }

  @Override
  public Progress step() {
    Stepwise next = links.stream().filter(link -> !link.finished()).findFirst().orElseThrow();
    return next.step();
  }

  @Override
  public long gradientEvaluations() {
    return links.stream().mapToLong(Stepwise::gradientEvaluations).sum();
  }

  @Override
  public Tensors state() {
    var state = new Tensors.Builder();
    for (int i = 0; i < links.size(); i++) {
      state.putUnder(link(i), links.get(i).state());
    }
    return state.build();
  }

  @Override
  public void restore(Tensors state) {
    for (int i = 0; i < links.size(); i++) {
      links.get(i).restore(state.under(link(i)));
    }
  }

  private static String link(int i) {
    return i + ".";
  }

  @Override
  public void close() {
    links.forEach(Stepwise::close);
  }
}
