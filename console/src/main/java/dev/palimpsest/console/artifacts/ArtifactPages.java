package dev.palimpsest.console.artifacts;

import dev.palimpsest.base.Digest;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.console.Services;
import dev.palimpsest.console.artifacts.ArtifactIndex.Snapshot;
import dev.palimpsest.console.artifacts.Browse.Moment;
import dev.palimpsest.console.web.Request;
import dev.palimpsest.console.web.Section;
import dev.palimpsest.console.web.Site;
import dev.palimpsest.report.Png;
import dev.palimpsest.storage.Reference;
import dev.palimpsest.tasks.ArtifactType;
import dev.palimpsest.tasks.Imports;
import dev.palimpsest.tensors.Tensor;
import io.javalin.http.NotFoundResponse;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** The pages of artifacts. */
public final class ArtifactPages implements Site.Part {
  private static final String RUN = "[A-Za-z0-9][A-Za-z0-9-]{0,127}";

  private static final String CACHED = "private, max-age=86400, immutable";

  private final Services services;
  private final ArtifactIndex index;
  private final Previews previews;
  private final Taken taken;
  private final Downloads downloads;

  public ArtifactPages(Services services) {
    this.services = services;
    this.index =
        new ArtifactIndex(services.journal(), services.ledger(), new Imports(services.store()));
    this.previews = new Previews(services.artifacts());
    this.taken = new Taken(services.store());
    this.downloads = new Downloads(services.artifacts(), taken, services.clock());
  }

  @Override
  public void addTo(Site site) {
    site.get("/artifacts", this::browse)
        .get("/artifacts/{digest}", this::show)
        .get("/artifacts/{digest}/sheet.png", this::sheet)
        .get("/artifacts/{digest}/trigger.png", this::trigger)
        .get("/artifacts/{digest}/figure.svg", this::figure)
        .post("/artifacts/{digest}/download", this::download)
        .get("/artifacts/{digest}/file/{name}", this::file);
  }

  private void browse(Request request) {
    request.page(
        "artifacts/browse.jte",
        Section.ARTIFACTS,
        "Artifacts",
        Browse.of(
            index.now(),
            Browse.Filter.of(request),
            number(request, "page", 1),
            services.clock().instant()));
  }

  /** An artifact as far as it is known. */
  private record Found(Snapshot index, Known known, Optional<String> run) {
    Reference reference() {
      return known.reference();
    }

    Optional<Known.Made> made() {
      return known.maker(run);
    }
  }

  private Found found(Request request) {
    Snapshot now = index.now();
    var digest = new Digest(request.path("digest"));
    Known known =
        now.find(digest)
            .orElseGet(() -> new Known(bare(digest), List.of(), List.of(), List.of(), List.of()));
    Optional<String> run =
        request.query("run").or(() -> request.form("run")).filter(id -> id.matches(RUN));
    return new Found(now, known, run);
  }

  /** What its bytes tell of an artifact that no run is known to have. */
  private Reference bare(Digest digest) {
    return services.artifacts().starting(digest.hex()).stream()
        .findFirst()
        .map(reference -> Sniffed.of(services.artifacts(), reference))
        .orElseThrow(() ->
            new NotFoundResponse(
                "No artifact in "
                    + services.store().where()
                    + " has the digest "
                    + digest.brief()
                    + "…; expected one of the list under Artifacts."));
  }

  private void show(Request request) {
    String given = request.path("digest");
    if (given.length() < 64 && given.matches("[0-9a-f]{6,63}")) {
      request.redirect("/artifacts/" + completed(given).hex());
      return;
    }
    Found found = found(request);
    Reference reference = found.reference();
    Instant now = services.clock().instant();
    boolean lost = !services.artifacts().present(reference);
    Preview preview =
        lost
            ? new Preview.Nothing(
                "Its bytes are no longer in the store; running its study again makes them.")
            : previews.of(reference, found.made(), found.index(), request);
    Known known = found.known();
    boolean reading = !found.index().whole();
    request.page(
        "artifacts/artifact.jte",
        Section.ARTIFACTS,
        heading(found),
        new Detail(
            reference,
            heading(found),
            Detail.about(reference.artifact()),
            found.made(),
            found.made().map(made -> Moment.of(made.finished(), now)),
            known.made().stream()
                .map(Known.Made::by)
                .distinct()
                .filter(by -> found.made().filter(made -> made.by().equals(by)).isEmpty())
                .limit(Detail.SHOWN)
                .toList(),
            known.used().stream().limit(Detail.SHOWN).toList(),
            Math.max(0, known.used().size() - Detail.SHOWN),
            known.given().stream().limit(Detail.SHOWN).toList(),
            known.names(),
            reference.tainted() ? taken.of(reference.sha256(), now) : List.of(),
            preview,
            Lineage.of(found.index(), known, found.run()),
            notice(found),
            reading && known.made().isEmpty(),
            lost));
  }

  private static String heading(Found found) {
    String type = found.reference().artifact();
    String what =
        type.substring(0, 1).toUpperCase(Locale.ROOT) + type.substring(1).replace('-', ' ');
    return found
        .made()
        .map(made ->
            what
                + " of "
                + made.task()
                + (type.endsWith(made.output()) ? "" : " (" + made.output() + ")"))
        .or(() -> given(found).map(input -> what + " given as " + input))
        .or(() -> found.known().names().stream().findFirst().map(name -> what + " " + name))
        .orElse(what + " " + found.reference().sha256().brief());
  }

  /** The input of a run that it was given as. */
  private static Optional<String> given(Found found) {
    return found.index().runs().stream()
        .filter(part -> found.known().given().contains(part.name()))
        .flatMap(part -> part.given(found.reference().sha256()).stream())
        .findFirst();
  }

  private static Optional<String> notice(Found found) {
    if (found.index().trouble().isPresent()) {
      return found.index().trouble().map(Throwable::getMessage);
    }
    boolean unknown =
        found.known().made().isEmpty()
            && found.known().given().isEmpty()
            && found.known().names().isEmpty();
    if (unknown) {
      return Optional.of(
          found.index().whole()
              ? "No run refers to it any more; type and taint are what its bytes tell."
              : "The artifacts are still being listed; where it comes from follows.");
    }
    return Optional.empty();
  }

  private Digest completed(String digits) {
    List<Reference> starting = services.artifacts().starting(digits);
    if (starting.size() != 1) {
      throw new Mistake(
          starting.isEmpty()
              ? "No artifact has a digest that starts with " + digits + "."
              : "The digests of several artifacts start with " + digits + "; give more digits.");
    }
    return starting.getFirst().sha256();
  }

  /** The images of a page as one picture. */
  private void sheet(Request request) {
    TensorFile file = previews.file(new Digest(request.path("digest")));
    Optional<String> data = request.query("data");
    Tensor picture;
    if (data.isPresent()) {
      TensorFile images = previews.file(new Digest(data.get()));
      PlanView.View view = view(request);
      if (!ImageSheet.in(images)
          || (view != PlanView.View.CLEAN && !PlanView.drawable(file, images))) {
        throw new Mistake("These images cannot be drawn with this plan.");
      }
      picture = PlanView.picture(file, images, view, number(request, "page", 1));
    } else if (ImageSheet.in(file)) {
      picture = ImageSheet.picture(file, Previews.choice(request));
    } else {
      throw new Mistake("The artifact holds no images.");
    }
    show(picture, request);
  }

  /** A plan's trigger. */
  private void trigger(Request request) {
    TensorFile plan = previews.file(new Digest(request.path("digest")));
    show(
        Trigger.of(plan)
            .orElseThrow(() -> new Mistake("The artifact has no trigger that can be drawn."))
            .patch(),
        request);
  }

  private static void show(Tensor picture, Request request) {
    request
        .context()
        // Named by its digest: it never changes.
        .header("Cache-Control", CACHED)
        .contentType("image/png")
        .result(Png.of(picture, 0));
  }

  private static PlanView.View view(Request request) {
    String name = request.query("view").orElse("");
    return Arrays.stream(PlanView.View.values())
        .filter(view -> view.name().toLowerCase(Locale.ROOT).equals(name))
        .findFirst()
        .orElse(PlanView.View.CLEAN);
  }

  /** A drawing, in a sandbox: whatever it holds beside lines and text does not run. */
  private void figure(Request request) {
    Reference reference = found(request).reference();
    if (!reference.artifact().equals(ArtifactType.FIGURE.label())) {
      throw new Mistake("The artifact is a " + reference.artifact() + "; expected a figure.");
    }
    request
        .context()
        .header("Content-Security-Policy", "default-src 'none'; img-src data:; sandbox")
        .header("Cache-Control", CACHED)
        .contentType("image/svg+xml")
        .result(previews.bytes(reference));
  }

  private void download(Request request) {
    Found found = found(request);
    String run = found.made().map(made -> made.by().run()).orElse("");
    request.redirect(downloads.link(found.reference(), found.made(), run, request));
  }

  private void file(Request request) {
    Digest digest = downloads.admitted(request);
    Reference reference =
        index.now().find(digest).map(Known::reference).orElseGet(() -> bare(digest));
    downloads.hand(reference, request);
  }

  /** A number of the query; what is none counts as left out. */
  static int number(Request request, String name, int otherwise) {
    return Stream.of(request.query(name).orElse(""))
        .filter(text -> text.matches("[0-9]{1,9}"))
        .map(Integer::parseInt)
        .findFirst()
        .orElse(otherwise);
  }
}
