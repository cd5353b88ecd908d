package dev.palimpsest.console.studies;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.base.Failure;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.console.Services;
import dev.palimpsest.console.graph.WorkflowGraph;
import dev.palimpsest.console.web.Request;
import dev.palimpsest.console.web.Section;
import dev.palimpsest.console.web.Starts;
import dev.palimpsest.workflows.InputField;
import dev.palimpsest.workflows.InputFields;
import dev.palimpsest.workflows.Study;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The page of a study: its graph, its inputs as a form, the plan, and the start of a run. */
final class StudyPage {
  private static final int MOST_KEPT = 500;

  private final Services services;
  private final Library library;
  private final Foreseen.Maker plans;
  private final Starts starts = new Starts();

  StudyPage(Services services, Library library) {
    this.services = services;
    this.library = library;
    this.plans = new Foreseen.Maker(services);
  }

  /** The study as it is, or with the settings of the query: {@code ?set=seed=7}. */
  void show(Request request) {
    Chosen chosen = chosen(request);
    ObjectNode now = chosen.inputs().deepCopy();
    List<String> settings = request.context().queryParams("set");
    settings.forEach(setting -> Study.set(now, setting));
    Entry entry = entry(chosen, Map.of(), now);
    settings.forEach(setting -> known(entry.form(), setting));
    answer(request, view(chosen, entry, Map.of(), false, Starts.token()));
  }

  /** Refuses a setting of what the form does not have. */
  private static void known(Form form, String setting) {
    String path = setting.substring(0, setting.indexOf('='));
    String pointer = "/" + path.replaceFirst("\\.method$", "").replace('.', '/');
    boolean known =
        form.all()
            .filter(control -> !control.pointer().isEmpty())
            .anyMatch(control ->
                control.pointer().equals(pointer)
                    || control.within().isEmpty()
                        && pointer.startsWith(control.pointer() + "/")
                        && !control.note().isPresent());
    if (!known) {
      throw new Mistake("The study has no input '" + path + "'; expected one that its form shows.");
    }
  }

  /** What was entered, drawn again: other parameters where another method was chosen, the plan. */
  void again(Request request) {
    Chosen chosen = chosen(request);
    Map<String, String> entered = entered(request);
    Entry entry = entry(chosen, entered, chosen.inputs());
    answer(request, view(chosen, entry, entered, true, request.required("once")));
  }

  /** Starts a run of what was entered. */
  void run(Request request) {
    Chosen chosen = chosen(request);
    Map<String, String> entered = entered(request);
    Entry entry = entry(chosen, entered, chosen.inputs());
    String once = request.required("once");
    if (entry.inputs().isEmpty()) {
      request.context().status(400);
      answer(request, view(chosen, entry, entered, false, once));
      return;
    }
    request.redirect("/runs/" + started(chosen, entry, entry.inputs().get(), once));
  }

  private String started(Chosen chosen, Entry entry, ObjectNode inputs, String once) {
    return starts.once(
        once,
        inputs,
        () -> {
          entry.bring().forEach(study -> services.examples().store(study, services.artifacts()));
          return services.start(chosen.title(), chosen.definition(), inputs);
        });
  }

  private Chosen chosen(Request request) {
    return library.find(request.path("kind"), request.path("name"));
  }

  private Entry entry(Chosen chosen, Map<String, String> entered, ObjectNode now) {
    List<InputField> fields = InputFields.of(chosen.definition(), services.catalogue());
    var fill = new Fill(services.catalogue(), entered, new Options(services, chosen)::of);
    Form form = Form.of(fields, fill, chosen.inputs(), now);
    return Entry.checked(services, chosen, fields, form);
  }

  /** The last value of each field: a box that is ticked stands behind the one that is not. */
  private static Map<String, String> entered(Request request) {
    var entered = new HashMap<String, String>();
    request
        .context()
        .formParamMap()
        .forEach((name, values) -> {
          if (name.startsWith("in.") && !values.isEmpty()) {
            entered.put(name, values.getLast());
          }
        });
    request
        .form("reset")
        .ifPresent(reset ->
            entered
                .keySet()
                .removeIf(name ->
                    name.equals(reset)
                        || name.startsWith(reset + ".")
                        || name.startsWith(reset + ":")));
    return entered;
  }

  private StudyView view(
      Chosen chosen, Entry entry, Map<String, String> entered, boolean planned, String once) {
    Optional<Foreseen> plan = Optional.empty();
    Optional<String> untold = Optional.empty();
    if (planned && entry.inputs().isPresent()) {
      try {
        plan = Optional.of(plans.of(chosen.definition(), entry.inputs().get()));
      } catch (Failure | Mistake e) {
        untold = Optional.ofNullable(e.getMessage());
      }
    }
    String graph =
        WorkflowGraph.html(chosen.definition(), plan.map(Foreseen::shown).orElse(Map.of()));
    return new StudyView(
        chosen,
        Cited.of(chosen.definition(), entry.form()),
        graph,
        entry,
        plan,
        untold,
        kept(entry.form(), entered),
        once);
  }

  private static Map<String, String> kept(Form form, Map<String, String> entered) {
    var kept = new TreeMap<>(entered);
    form.all().map(Control::name).forEach(kept::remove);
    while (kept.size() > MOST_KEPT) {
      kept.pollLastEntry();
    }
    return kept;
  }

  private static void answer(Request request, StudyView view) {
    if (request.partial()) {
      request.piece("studies/region.jte", view);
    } else {
      request.page("studies/study.jte", Section.STUDIES, view.chosen().heading(), view);
    }
  }
}
