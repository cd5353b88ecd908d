package dev.palimpsest.worker;

import dev.palimpsest.base.Digest;
import dev.palimpsest.spec.Fields;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.spec.Parameters;
import dev.palimpsest.storage.Artifacts;
import dev.palimpsest.storage.Ledger;
import dev.palimpsest.storage.StageRecord;
import dev.palimpsest.tasks.Catalogue;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.tasks.Stage;
import dev.palimpsest.tasks.StageCall;
import dev.palimpsest.tasks.StageKey;
import dev.palimpsest.tasks.StageKeys;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers calls of stages: from the ledger where the key is known, by computing otherwise. */
final class StageRunner {
  private static final Logger LOG = LoggerFactory.getLogger(StageRunner.class);

  /** How long another worker's claim may go without a sign of life. */
  static final Duration PATIENCE = Duration.ofSeconds(20);

  private final StageKeys keys;
  private final Stages stages;
  private final Parameters parameters;
  private final Artifacts artifacts;
  private final Ledger ledger;
  private final Numerics numerics;
  private final String device;
  private final Path scratch;
  private final String owner;

  StageRunner(
      Catalogue catalogue,
      Stages stages,
      Methods methods,
      Artifacts artifacts,
      Ledger ledger,
      Numerics numerics,
      String device,
      Path scratch,
      String owner) {
    this.keys = new StageKeys(catalogue, artifacts);
    this.stages = stages;
    this.parameters = new Parameters(methods);
    this.artifacts = artifacts;
    this.ledger = ledger;
    this.numerics = numerics;
    this.device = device;
    this.scratch = scratch;
    this.owner = owner;
  }

  /** A checked call and its key. */
  record Prepared(Stage<?> stage, StageCall call, StageKey key) {}

  /** What became of a computation. */
  sealed interface Outcome {
    /** The stage's outputs, computed now or by another who was first. */
    record Computed(StageRecord record) implements Outcome {}

    /** Another worker is computing this key. */
    record Claimed() implements Outcome {}
  }

  /**
   * Checks a task and makes its key.
   *
   * @throws dev.palimpsest.base.Mistake if the task is not one that can be computed
   * @throws dev.palimpsest.base.Failure if an input that names a method cannot be read
   */
  Prepared prepare(TaskSource.Task task) {
    Stage<?> stage = stages.get(task.stage());
    StageCall call =
        StageCall.of(
            stage.name(), Fields.of(stage.parameters()), stage.inputs(), parameters, task.input());
    return new Prepared(stage, call, keys.of(call));
  }

  /** The earlier computation of this key, if its outputs are all there. */
  Optional<StageRecord> hit(Prepared prepared) {
    return ledger.hit(prepared.key().key());
  }

  /** Why this worker must not compute the call; empty if it may. */
  Optional<String> unfit(Prepared prepared) {
    Numerics wanted = prepared.call().numerics();
    return wanted.equals(numerics) || wanted.equals(Numerics.ANY)
        ? Optional.empty()
        : Optional.of("the run asks for " + wanted + "; this worker computes with " + numerics);
  }

  /**
   * Computes a call and publishes its outputs.
   *
   * @param stop true as soon as the task is no longer to be computed here
   * @param reporter is told of progress and log lines
   */
  Outcome compute(Prepared prepared, BooleanSupplier stop, Reporter reporter) {
    Digest key = prepared.key().key();
    Optional<Ledger.Claim> claim =
        ledger.claim(key, owner, PATIENCE, () -> !stop.getAsBoolean() && reporter.alive());
    if (claim.isEmpty()) {
      return new Outcome.Claimed();
    }
    try (Ledger.Claim held = claim.get()) {
      Optional<StageRecord> first = ledger.hit(key);
      StageRecord record = first.isPresent() ? first.get() : run(prepared, stop, reporter);
      clear(key);
      return new Outcome.Computed(record);
    }
  }

  /** As {@link #hit}; what an attempt that died after it published left behind is removed. */
  Optional<StageRecord> retriedHit(Prepared prepared) {
    Optional<StageRecord> hit = hit(prepared);
    hit.ifPresent(record -> clear(record.key()));
    return hit;
  }

  /** Saved state that stays behind costs room, no more. */
  private void clear(Digest key) {
    try {
      ledger.clear(key);
    } catch (RuntimeException e) {
      LOG.info("Saved state of {} stays: {}", key.brief(), e.getMessage());
    }
  }

  private StageRecord run(Prepared prepared, BooleanSupplier stop, Reporter reporter) {
    try (var context =
        new RunningContext(
            prepared, artifacts, ledger, numerics, device, scratch, stop, reporter)) {
      LOG.info("Computes {} {}", prepared.stage().name(), prepared.key().key());
      runWith(prepared.stage(), prepared, context);
      var record =
          new StageRecord(
              prepared.key().key(),
              ledger.newest(prepared.key().key()).map(r -> r.generation() + 1).orElse(0),
              prepared.stage().name(),
              prepared.key().identity(),
              context.outputs());
      ledger.keep(prepared.key().code().digest(), prepared.key().code().manifest());
      return ledger.publish(record);
    } catch (RunningContext.Overtaken e) {
      LOG.info("Another worker published {} first", prepared.key().key());
      return e.record();
    }
  }

  private <P extends Record> void runWith(
      Stage<P> stage, Prepared prepared, RunningContext context) {
    P bound =
        parameters.bind(
            "stage '" + stage.name() + "'", stage.parameters(), prepared.call().parameters());
    context.taintedBy(stage.taints(bound));
    stage.run(bound, context);
  }
}
