package dev.palimpsest.console.artifacts;

import dev.palimpsest.base.Digest;
import dev.palimpsest.console.artifacts.ArtifactIndex.Snapshot;
import dev.palimpsest.console.graph.ArtifactGraph;
import dev.palimpsest.console.graph.ArtifactGraph.Artifact;
import dev.palimpsest.console.graph.ArtifactGraph.Step;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What an artifact was made from, up to the data, and what was made from it at once, in one run.
 *
 * @param html the graph; escapes all it holds
 * @param missing how many artifacts are too many to be drawn
 */
record Lineage(String html, int before, int after, int missing) {
  /** More boxes than this are no picture any more. */
  private static final int MOST = 80;

  private static final int MOST_AFTER = 24;

  /** Empty where neither what it was made from nor what was made from it is known. */
  static Optional<Lineage> of(Snapshot index, Known known, Optional<String> run) {
    Optional<String> in =
        known
            .madeIn(run)
            .map(made -> made.by().run())
            .or(() ->
                run.filter(id -> known.used().stream().anyMatch(use -> use.by().run().equals(id))))
            .or(() -> known.used().stream().findFirst().map(use -> use.by().run()));
    return in.map(id -> new Walk(index, id).around(known))
        .filter(lineage -> lineage.before() + lineage.after() > 0);
  }

  private static final class Walk {
    private final Snapshot index;
    private final String run;
    private final Map<Digest, Artifact> found = new LinkedHashMap<>();
    private final Set<Digest> seen = new LinkedHashSet<>();
    private final List<Step> steps = new ArrayList<>();
    private int missing;

    Walk(Snapshot index, String run) {
      this.index = index;
      this.run = run;
    }

    Lineage around(Known known) {
      back(known, true);
      int before = found.size() - 1;
      forward(known);
      int after = found.size() - 1 - before;
      String html =
          ArtifactGraph.html(
              "What it was made from and what was made from it",
              List.copyOf(found.values()),
              steps);
      return new Lineage(html, before, after, missing);
    }

    /** Those that it was made from come first. */
    private void back(Known known, boolean here) {
      Digest digest = known.reference().sha256();
      seen.add(digest);
      known
          .madeIn(Optional.of(run))
          .ifPresent(made -> {
            for (Digest input : index.inputs().getOrDefault(made.key(), Map.of()).values()) {
              Optional<Known> next = index.find(input);
              if (next.isPresent() && !seen.contains(input)) {
                if (seen.size() < MOST) {
                  back(next.get(), false);
                } else {
                  missing++;
                }
              }
              if (found.containsKey(input)) {
                steps.add(new Step(input.hex(), digest.hex()));
              }
            }
          });
      found.put(digest, box(known, here));
    }

    /** What the stages of the run made that had it as an input. */
    private void forward(Known known) {
      Digest from = known.reference().sha256();
      Set<String> tasks = new LinkedHashSet<>();
      known.used().stream()
          .filter(use -> use.by().run().equals(run))
          .forEach(use -> tasks.add(use.task()));
      int after = 0;
      for (ArtifactIndex.RunPart part : index.runs()) {
        if (!part.name().run().equals(run)) {
          continue;
        }
        for (Known.Made made : part.made()) {
          Digest digest = made.reference().sha256();
          if (!tasks.contains(made.task()) || seen.contains(digest)) {
            continue;
          }
          if (after++ >= MOST_AFTER) {
            missing++;
            continue;
          }
          index
              .find(digest)
              .ifPresent(next -> {
                seen.add(digest);
                found.put(digest, box(next, false));
                steps.add(new Step(from.hex(), digest.hex()));
              });
        }
      }
    }

    /** The input of the run that it was given as. */
    private Optional<String> given(Known known) {
      return index.runs().stream()
          .filter(part -> part.name().run().equals(run))
          .flatMap(part -> part.given(known.reference().sha256()).stream())
          .findFirst();
    }

    private Artifact box(Known known, boolean here) {
      Optional<Known.Made> made = known.madeIn(Optional.of(run));
      String type = known.reference().artifact();
      String name =
          made.map(Known.Made::task)
              .or(() -> given(known))
              .or(() -> known.names().stream().findFirst())
              .orElse("given");
      String line =
          made.map(by -> by.output().equals(type) ? type : by.output() + ", " + type)
              .orElse("given, " + type);
      return new Artifact(
          known.reference().sha256().hex(),
          name,
          line,
          known.reference().tainted(),
          here,
          "/artifacts/" + known.reference().sha256().hex() + "?run=" + run);
    }
  }
}
