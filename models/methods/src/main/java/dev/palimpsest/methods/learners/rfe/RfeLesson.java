package dev.palimpsest.methods.learners.rfe;

import ai.djl.ndarray.NDArray;
import dev.palimpsest.engine.Batch;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Ops;
import dev.palimpsest.engine.Out;
import dev.palimpsest.methods.learners.Buffer;
import dev.palimpsest.methods.learners.Memory;
import dev.palimpsest.methods.learners.Replay;
import dev.palimpsest.methods.learners.Task;
import dev.palimpsest.methods.learners.TaskContext;
import dev.palimpsest.methods.learners.TaskLesson;
import dev.palimpsest.methods.rectifiers.Losses;
import dev.palimpsest.tensors.Tensors;
import java.util.Optional;

/**
 * The increment: cross-entropy among the classes of the task and of those to come, plus lambda
 * times the distance of the features from what the former network says of the same images, and from
 * what was stored with samples of former tasks.
 *
 * <p>The former network computes with its running statistics. In the published code it normalises
 * with those of the batch, and its running statistics move to the new task's; {@code drift} does
 * the same.
 */
final class RfeLesson implements TaskLesson {
  /** What the memory calls the drifted statistics of the former network. */
  static final String FORMER = "former";

  private final RfeSettings settings;
  private final TaskContext context;
  private final Task task;
  private final Memory memory;
  private final Optional<Net> former;
  private final Optional<Buffer> stored;
  private final Optional<HeldHeads> held;
  private final Optional<JointRectifier> joint;

  RfeLesson(RfeSettings settings, TaskContext context) {
    this.settings = settings;
    this.context = context;
    this.task = context.task();
    this.memory = context.memory();
    boolean further = task.number() > 1;
    boolean joint = further && settings.modules().endToEnd();
    boolean pulled = settings.lambda() > 0;
    this.former =
        further && (pulled || settings.drift() || joint)
            ? Optional.of(context.net().twin())
            : Optional.empty();
    this.stored = pulled ? settings.held(context) : Optional.empty();
    this.held =
        task.first() > 0
            ? Optional.of(new HeldHeads(context.net(), task.first()))
            : Optional.empty();
    this.joint = joint ? Optional.of(new JointRectifier(settings, context)) : Optional.empty();
  }

  @Override
  public int firstColumn() {
    return task.first();
  }

  @Override
  public Net.Loss loss(Step step) {
    Batch batch = step.batch();
    Mode asked = settings.drift() ? Mode.TRAIN : Mode.EVAL;
    Optional<NDArray> before = former.map(net -> net.forward(asked, batch.images()).embedding());
    Optional<Replay> replay =
        stored.map(buffer ->
            buffer.draw(settings.buffer().orElseThrow().batch(), context.net(), step.random()));
    Optional<NDArray> replayed = replay.map(each -> each.batch(step.augment()).images());
    Optional<NDArray> kept = replay.map(Replay::features);
    return graph -> {
      Out out = graph.forward(batch.images());
      NDArray loss = Losses.ofTask(out.logits(), batch.labels(), task.first());
      if (before.isPresent()) {
        loss =
            loss.add(Ops.scaled(Losses.distance(out.embedding(), before.get()), settings.lambda()));
      }
      if (replayed.isPresent()) {
        NDArray now = graph.forward(replayed.get()).embedding();
        loss = loss.add(Ops.scaled(Losses.distance(now, kept.orElseThrow()), settings.lambda()));
      }
      if (joint.isPresent()) {
        NDArray rectified = joint.get().loss(batch.images(), out.embedding(), before.orElseThrow());
        loss = loss.add(Ops.scaled(rectified, settings.lambda()));
      }
      return loss;
    };
  }

  @Override
  public void moved() {
    held.ifPresent(HeldHeads::putBack);
    joint.ifPresent(JointRectifier::moved);
  }

  @Override
  public Memory memory() {
    Memory kept = joint.map(rectifier -> rectifier.kept(memory)).orElse(memory);
    return settings.drift() && former.isPresent()
        ? kept.with(FORMER, Drift.of(former.get()))
        : kept;
  }

  @Override
  public Tensors state() {
    var state = new Tensors.Builder();
    if (settings.drift() && former.isPresent()) {
      States.put(state, FORMER, Drift.of(former.get()));
    }
    joint.ifPresent(rectifier -> States.put(state, "joint", rectifier.state()));
    return state.build();
  }

  @Override
  public void restore(Tensors state) {
    if (settings.drift() && former.isPresent()) {
      Drift.restore(former.get(), States.part(state, FORMER));
    }
    joint.ifPresent(rectifier -> rectifier.restore(States.part(state, "joint")));
  }

  @Override
  public void close() {
    former.ifPresent(Net::close);
    held.ifPresent(HeldHeads::close);
    joint.ifPresent(JointRectifier::close);
  }
}
