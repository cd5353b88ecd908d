package dev.palimpsest.methods.networks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.engine.Compute;
import dev.palimpsest.engine.Images;
import dev.palimpsest.engine.Mode;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Out;
import dev.palimpsest.engine.Precision;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.engine.Scope;
import dev.palimpsest.methods.Samples;
import dev.palimpsest.tensors.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResNet18Test {
  private static Net net(Compute compute) {
    return Net.drawn(
        compute,
        Precision.F32,
        new ResNet18().forward(ResNetSmall.Parameters.plain(), 10),
        Randomness.of(1),
        3,
        Samples.SIDE,
        Samples.SIDE);
  }

  @Test
  void itHasItsParametersUnderTorchsNames() {
    try (Compute compute = Compute.open("cpu", 1);
        Net net = net(compute)) {
      assertThat(net.size()).isEqualTo(11_173_962);
      Tensors parameters = net.byParameter(net.weights());
      assertThat(parameters.tensors().keySet()).containsExactlyElementsOf(names());
      assertThat(parameters.get("conv1.weight").shape()).containsExactly(64, 3, 3, 3);
      assertThat(parameters.get("layer4.0.shortcut.0.weight").shape())
          .containsExactly(512, 256, 1, 1);
      assertThat(parameters.get("linear.weight").shape()).containsExactly(10, 512);
      assertThat(net.state().tensors())
          .containsKeys("layer4.1.bn2.running_var", "bn1.num_batches_tracked");
    }
  }

  private static List<String> names() {
    var layers = new ArrayList<>(List.of("conv1.weight", "bn1.weight", "bn1.bias"));
    for (int stage = 1; stage <= 4; stage++) {
      for (int block = 0; block < 2; block++) {
        String name = "layer" + stage + "." + block + ".";
        for (int i = 1; i <= 2; i++) {
          layers.add(name + "conv" + i + ".weight");
          layers.add(name + "bn" + i + ".weight");
          layers.add(name + "bn" + i + ".bias");
        }
        if (stage > 1 && block == 0) {
          layers.add(name + "shortcut.0.weight");
          layers.add(name + "shortcut.1.weight");
          layers.add(name + "shortcut.1.bias");
        }
      }
    }
    layers.add("linear.weight");
    layers.add("linear.bias");
    return layers;
  }

  @Test
  void theStemKeepsTheSizeAndEachFurtherStageHalvesIt() {
    try (Compute compute = Compute.open("cpu", 1);
        Net net = net(compute);
        Images images = Samples.images(compute);
        Scope scope = Scope.open()) {
      Out out = net.forward(Mode.EVAL, images.batch(Precision.F32, 0, 1).images());
      assertThat(out.embedding().getShape().getShape()).containsExactly(2, 512);
      assertThat(out.maps().keySet()).containsExactly("layer1", "layer2", "layer3", "layer4");
      assertThat(out.maps().firstEntry().getValue().getShape().getShape())
          .containsExactly(2, 64, Samples.SIDE, Samples.SIDE);
      assertThat(out.maps().lastEntry().getValue().getShape().getShape())
          .containsExactly(2, 512, Samples.SIDE / 8, Samples.SIDE / 8);
    }
  }
}
