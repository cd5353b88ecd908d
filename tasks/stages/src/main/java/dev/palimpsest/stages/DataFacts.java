package dev.palimpsest.stages;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.base.Json;
import dev.palimpsest.base.Mistake;
import dev.palimpsest.methods.learners.Task;
import dev.palimpsest.tasks.Facts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What is known of a dataset artifact without its images, also before a run. */
record DataFacts(Facts facts) {
  /** The names of the classes, in the order of their labels. */
  List<String> classes() {
    var names = new ArrayList<String>();
    for (JsonNode name :
        Json.read("the data set's classes", facts.text("classes"), JsonNode.class)) {
      names.add(name.asText());
    }
    return names;
  }

  /** How many classes each task has; a data set that was not split is one task of all classes. */
  List<Integer> tasks() {
    return facts.metadata().containsKey("tasks")
        ? List.of(Json.read("the data set's tasks", facts.text("tasks"), Integer[].class))
        : List.of(classes().size());
  }

  /**
   * The classes of a task.
   *
   * @throws Mistake if there is no such task
   */
  Task task(int number) {
    return Task.of(tasks(), number);
  }

  /** The images' shape, [n, channels, height, width]. */
  List<Long> shape() {
    return facts.shape("images");
  }

  /** How many images there are. */
  long size() {
    return shape().getFirst();
  }

  /** The same data with another number of images. */
  Facts with(long images) {
    var shape = new ArrayList<>(shape());
    shape.set(0, images);
    return new Facts(facts.metadata(), Map.of("images", shape, "labels", List.of(images)));
  }

  /** Throws {@link Mistake} if image shape or classes differ from the other's. */
  void checkSameKind(DataFacts other) {
    List<Long> image = shape().subList(1, 4);
    List<Long> another = other.shape().subList(1, 4);
    if (!image.equals(another) || !classes().equals(other.classes())) {
      throw new Mistake(
          "data sets of images "
              + image
              + " in "
              + classes().size()
              + " classes and "
              + another
              + " in "
              + other.classes().size()
              + " do not belong together; expected parts of one data set.");
    }
  }
}
