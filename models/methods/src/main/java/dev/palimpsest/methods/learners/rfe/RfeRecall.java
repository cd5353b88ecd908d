package dev.palimpsest.methods.learners.rfe;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Out;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.methods.learners.Memory;
import dev.palimpsest.methods.learners.Recall;
import dev.palimpsest.methods.learners.Task;
import dev.palimpsest.methods.rectifiers.AuxiliaryExtractor;
import dev.palimpsest.methods.rectifiers.Chain;
import dev.palimpsest.methods.rectifiers.Heads;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Reads each task with its own head in its own space, to which the rectifiers lead from the newest.
 * Tasks without a rectifier, the newest and those to come, are read from the features as they are.
 */
final class RfeRecall implements Recall {
  private final Net net;
  private final Task last;
  private final Classifier classifier;
  private final List<Heads.Columns> columns;
  private final int links;
  private final Chain chain;
  private final AuxiliaryExtractor extractor;
  private final Optional<Net> modules;

  RfeRecall(ModuleSettings settings, Net net, Memory memory, Task last) {
    this.net = net;
    this.last = last;
    this.classifier = Classifier.of(net);
    this.columns = TaskColumns.with(memory, last);
    this.links = Math.min(Modules.links(memory), last.number() - 1);
    this.chain = settings.chain();
    this.extractor = settings.extractor();
    List<Integer> old = IntStream.rangeClosed(1, links).boxed().toList();
    this.modules =
        links == 0
            ? Optional.empty()
            : Optional.of(
                new Modules(settings, classifier.features(), old, old, false)
                    .net(net, memory, Randomness.of(0)));
  }

  @Override
  public Scores scores(NDArray images, Task task) {
    Out out = net.forward(Mode.EVAL, images);
    NDArray small = AuxiliaryExtractor.pooled(images);
    Chain.Spaces spaces =
        modules
            .orElse(net)
            .pass(
                Mode.EVAL,
                pass ->
                    chain.spaces(
                        pass,
                        1,
                        links,
                        last.number(),
                        out.embedding(),
                        k -> extractor.apply(pass, k, small)));
    NDArray all = net.pass(Mode.EVAL, pass -> classifier.heads(pass, columns).scores(spaces));
    NDArray told = task.number() > last.number() ? out.logits() : all;
    return new Scores(all, told, Optional.of(out.logits()));
  }

  @Override
  public void close() {
    modules.ifPresent(Net::close);
  }
}
