package dev.palimpsest.methods.learners.rfe;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.engine.Adam;
import dev.palimpsest.engine.Forward;
import dev.palimpsest.engine.Net;
import dev.palimpsest.engine.Out;
import dev.palimpsest.engine.Randomness;
import dev.palimpsest.methods.learners.Memory;
import dev.palimpsest.methods.rectifiers.AuxiliaryExtractor;
import dev.palimpsest.methods.rectifiers.Chain;
import dev.palimpsest.tensors.Tensor;
import dev.palimpsest.tensors.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Auxiliary extractors, rectifiers and the adapter as one network: parameters {@code aux.K.*},
 * {@code rectifier.K.*}, {@code adapter.*}.
 *
 * @param features numbers that the network at whose side they stand says of an image
 * @param extractors of which tasks
 * @param rectifiers of which tasks
 * @param adapter whether there is one
 */
record Modules(
    ModuleSettings settings,
    int features,
    List<Integer> extractors,
    List<Integer> rectifiers,
    boolean adapter) {
  static final String AUX = "aux";
  static final String RECTIFIER = "rectifier";
  static final String ADAPTER = "adapter";
  private static final Pattern MODULE = Pattern.compile("(adapter|(?:aux|rectifier)\\.\\d+)\\..+");

  /** The modules with the values in the memory; those that it does not hold are drawn. */
  Net net(Net beside, Memory memory, Randomness randomness) {
    Net net =
        Net.drawn(beside.compute(), beside.precision(), forward(), randomness, beside.imageShape());
    Map<String, Tensor> known = memory.tensors().tensors();
    var state = new Tensors.Builder();
    net.state()
        .tensors()
        .forEach((name, drawn) -> state.put(name, known.getOrDefault(name, drawn)));
    net.load(state.build());
    return net;
  }

  private Forward forward() {
    AuxiliaryExtractor extractor = settings.extractor();
    Chain chain = settings.chain();
    return (pass, images) -> {
      NDArray space = images.getManager().zeros(new Shape(1, features));
      NDArray aux = images.getManager().zeros(new Shape(1, settings.dAux()));
      extractors.forEach(task -> extractor.apply(pass, task, images));
      rectifiers.forEach(task -> chain.rectified(pass, task, space, aux));
      if (adapter) {
        pass.linear(ADAPTER, aux, features);
      }
      return Out.of(space, space);
    };
  }

  /** A module's name: {@code aux.2} of {@code aux.2.conv1.weight}. */
  private static String module(String parameter) {
    Matcher matcher = MODULE.matcher(parameter);
    if (!matcher.matches()) {
      throw new IllegalStateException("'" + parameter + "' is a parameter of no module");
    }
    return matcher.group(1);
  }

  /** One span a module. */
  static List<Adam.Span> spans(Net modules) {
    var spans = new ArrayList<Adam.Span>();
    long end = 0;
    for (var parameter : modules.byParameter(modules.weights()).tensors().entrySet()) {
      String name = module(parameter.getKey());
      long from = end;
      end += parameter.getValue().elements();
      if (!spans.isEmpty() && spans.getLast().name().equals(name)) {
        from = spans.removeLast().from();
      }
      spans.add(new Adam.Span(name, from, end));
    }
    return spans;
  }

  /** The memory with the values of all modules but the adapter, which has served. */
  static Memory kept(Memory memory, Net modules) {
    var byModule = new LinkedHashMap<String, Tensors.Builder>();
    modules
        .state()
        .tensors()
        .forEach((name, tensor) ->
            byModule
                .computeIfAbsent(module(name), module -> new Tensors.Builder())
                .put(name.substring(module(name).length() + 1), tensor));
    byModule.remove(ADAPTER);
    Memory kept = memory;
    for (var module : byModule.entrySet()) {
      kept = kept.with(module.getKey(), module.getValue().build());
    }
    return kept;
  }

  /** How many tasks from the first on have a rectifier in the memory. */
  static int links(Memory memory) {
    int links = 0;
    while (memory.has(RECTIFIER + "." + (links + 1))) {
      links++;
    }
    return links;
  }
}
