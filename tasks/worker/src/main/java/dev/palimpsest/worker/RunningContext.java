package dev.palimpsest.worker;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.base.Names;
import dev.palimpsest.storage.Artifacts;
import dev.palimpsest.storage.Ledger;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.storage.StageRecord;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Formats;
import dev.palimpsest.tasks.Numerics;
import dev.palimpsest.tasks.Port;
import dev.palimpsest.tasks.StageContext;
import dev.palimpsest.tasks.TensorSummary;
import dev.palimpsest.tensors.Safetensors;
import dev.palimpsest.tensors.Tensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a stage touches while it runs on this worker. */
final class RunningContext implements StageContext, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunningContext.class);

  private final StageRunner.Prepared prepared;
  private final Artifacts artifacts;
  private final Ledger ledger;
  private final Numerics numerics;
  private final String device;
  private final Path scratch;
  private final BooleanSupplier stop;
  private final Reporter reporter;
  private final Pace pace = new Pace();
  private final Map<String, Reference> outputs = new LinkedHashMap<>();
  private final Set<String> fromFiles = new LinkedHashSet<>();
  private List<String> ownTaints = List.of();

  RunningContext(
      StageRunner.Prepared prepared,
      Artifacts artifacts,
      Ledger ledger,
      Numerics numerics,
      String device,
      Path scratch,
      BooleanSupplier stop,
      Reporter reporter) {
    this.prepared = prepared;
    this.artifacts = artifacts;
    this.ledger = ledger;
    this.numerics = numerics;
    this.device = device;
    this.stop = stop;
    this.reporter = reporter;
    try {
      Files.createDirectories(scratch);
      this.scratch = Files.createTempDirectory(scratch, prepared.stage().name() + "-");
    } catch (IOException e) {
      throw noRoom(scratch, e);
    }
  }

  void taintedBy(List<String> taints) {
    ownTaints = taints;
  }

  /** The outputs, each of them, once the stage has ended. */
  Map<String, Reference> outputs() {
    for (Port port : prepared.stage().outputs()) {
      if (!outputs.containsKey(port.name())) {
        throw new IllegalStateException(
            "stage '"
                + prepared.stage().name()
                + "' did not write its output '"
                + port.name()
                + "'");
      }
    }
    return outputs;
  }

  @Override
  public long seed() {
    return prepared.call().seed();
  }

  @Override
  public Numerics numerics() {
    return numerics;
  }

  @Override
  public String device() {
    return device;
  }

  @Override
  public boolean has(String input) {
    return prepared.call().inputs().containsKey(input);
  }

  @Override
  public Reference reference(String input) {
    Reference reference = prepared.call().inputs().get(input);
    if (reference == null) {
      throw new Mistake(Names.unknown("input", input, prepared.call().inputs().keySet()));
    }
    return reference;
  }

  @Override
  public Tensors tensors(String input) {
    reporter.step();
    Tensors tensors = Safetensors.read(artifacts.fetch(reference(input)), what(input));
    reporter.step();
    // A file that says it is tainted is believed, whatever its reference says.
    fromFiles.addAll(Formats.taint(tensors));
    return tensors;
  }

  @Override
  public JsonNode document(String input) {
    return Formats.document(what(input), bytes(input));
  }

  @Override
  public List<JsonNode> lines(String input) {
    return Formats.lines(what(input), bytes(input));
  }

  @Override
  public SequencedMap<String, Reference> many(String input) {
    var many = new TreeMap<String, Reference>();
    prepared
        .call()
        .inputs()
        .forEach((name, reference) -> {
          if (name.startsWith(input + "/")) {
            many.put(name.substring(input.length() + 1), reference);
          }
        });
    return many;
  }

  @Override
  public void write(String output, Tensors tensors) {
    var inputs = new ArrayList<>(prepared.call().taints());
    inputs.addAll(fromFiles);
    List<String> taint = Formats.taint(inputs, ownTaints);
    Tensors marked = Formats.marked(tensors, taint);
    Path file = scratch.resolve(output);
    Safetensors.write(file, marked);
    Reference reference = store(output, file, taint);
    artifacts.summarise(reference, Json.canonical(TensorSummary.of(marked)));
  }

  @Override
  public void write(String output, Object document) {
    store(output, Formats.document(document));
  }

  @Override
  public void writeLines(String output, List<?> lines) {
    store(output, Formats.lines(lines));
  }

  @Override
  public void writeFigure(String output, String svg) {
    store(output, Formats.figure(svg));
  }

  @Override
  public void report(Progress progress) {
    reporter.progress(progress);
  }

  @Override
  public void note(String line) {
    reporter.note(line);
  }

  @Override
  public void checkpoint(StateSource source) {
    boolean stopping = stop.getAsBoolean();
    if (stopping || pace.due()) {
      pace.timed(() -> save(source));
    }
    if (stopping) {
      throw new Stopped("the task was cancelled or given to another worker");
    }
  }

  /**
   * State that cannot be saved now costs time after a crash, no more. Whoever saves looks whether
   * its result is there already: what is saved after that would be removed by nobody.
   */
  private void save(StateSource source) {
    Digest key = prepared.key().key();
    Optional<StageRecord> published;
    try {
      ledger.save(key, source.sequence(), source.state().get());
      reporter.saved();
      published = ledger.hit(key);
    } catch (Failure e) {
      LOG.warn("The state of stage {} is not saved: {}", prepared.stage().name(), e.getMessage());
      return;
    }
    if (published.isPresent()) {
      throw new Overtaken(published.get());
    }
  }

  /** Thrown through a stage whose result another worker has published meanwhile. */
  static final class Overtaken extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient StageRecord record;

    Overtaken(StageRecord record) {
      super("another worker has published this stage");
      this.record = record;
    }

    StageRecord record() {
      return record;
    }
  }

  @Override
  public void step() {
    reporter.step();
  }

  @Override
  public Optional<Tensors> restored() {
    return ledger.latest(prepared.key().key()).map(Ledger.Saved::state);
  }

  @Override
  public void close() {
    try (var files = Files.list(scratch)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.delete(scratch);
    } catch (IOException e) {
      LOG.info("{} stays behind: {}", scratch, e.getMessage());
    }
  }

  private static String what(String input) {
    return "input '" + input + "'";
  }

  private byte[] bytes(String input) {
    try {
      return Files.readAllBytes(artifacts.fetch(reference(input)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void store(String output, byte[] document) {
    Path file = scratch.resolve(output);
    try {
      Files.write(file, document);
    } catch (IOException e) {
      throw noRoom(file, e);
    }
    store(output, file, List.of());
  }

  private static Failure noRoom(Path file, IOException e) {
    return Failure.passing("The worker cannot write " + file + " (" + e + "); expected room.", e);
  }

  private Reference store(String output, Path file, List<String> taint) {
    ArtifactType type =
        prepared.stage().outputs().stream()
            .filter(port -> port.name().equals(output))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("no output is named '" + output + "'"))
            .type();
    reporter.step();
    Reference reference = artifacts.put(type.label(), file, taint);
    reporter.step();
    if (outputs.put(output, reference) != null) {
      throw new IllegalStateException("output '" + output + "' was written twice");
    }
    return reference;
  }
}
