package dev.palimpsest.console.artifacts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.base.Json;
import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.methods.attacks.Attack;
import dev.palimpsest.methods.attacks.Poison;
import dev.palimpsest.methods.attacks.PoisonPlan;
import dev.palimpsest.methods.attacks.Timing;
import dev.palimpsest.spec.Choice;
import dev.palimpsest.spec.Kind;
import dev.palimpsest.spec.Methods;
import dev.palimpsest.storage.MemoryStore;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.storage.StoredArtifacts;
import dev.palimpsest.tensors.Safetensors;
import dev.palimpsest.tensors.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PlanViewTest {
  @TempDir Path folder;

  /** What the page shows as poisoned is what a network is trained with. */
  @Test
  void imagesArePoisonedAsTheAttackPoisonsThem() {
    byte[] pixels = new byte[40 * 3 * 12 * 10];
    new Random(7).nextBytes(pixels);
    Tensor clean = Tensor.of(pixels, 40, 3, 12, 10);
    var methods = Methods.load();
    PoisonPlan plan = plan(methods, methods.get(Kind.ATTACK, "badnets", Attack.class));
    Tensor shown = PlanView.poisoned(stored(plan), clean);
    try (Compute compute = Compute.open("cpu", 1);
        Poison poison = Poison.of(plan, methods, compute, Precision.F32)) {
      assertThat(shown.bytes()).isEqualTo(poison.triggered(clean).bytes()).isNotEqualTo(pixels);
    }
  }

  private static <P extends Record> PoisonPlan plan(Methods methods, Attack<P> attack) {
    return PoisonPlan.draw(
        attack,
        methods.bind(attack, new Choice("badnets", Json.object())),
        new PoisonPlan.Aim(0.1, 0, Timing.DYNAMIC, 40, 10),
        3,
        12,
        10,
        Randomness.of(3));
  }

  private TensorFile stored(PoisonPlan plan) {
    var artifacts = new StoredArtifacts(new MemoryStore(), folder.resolve("cache"));
    Path file = folder.resolve("plan");
    Safetensors.write(file, plan.toTensors());
    Reference reference = artifacts.put("poison-plan", file, List.of());
    return TensorFile.open(artifacts, reference);
  }
}
