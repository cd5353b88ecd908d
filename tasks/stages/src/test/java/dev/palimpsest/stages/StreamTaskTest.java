package dev.palimpsest.stages;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.base.Mistake;
import dev.palimpsest.methods.learners.Learner;
import dev.palimpsest.methods.learners.TaskContext;
import dev.palimpsest.methods.learners.TaskLesson;
import dev.palimpsest.spec.Citation;
import org.junit.jupiter.api.Test;

final class StreamTaskTest {
  private static final Hoarder HOARDER = new Hoarder();

  /** As many samples as it is told. */
  record Samples(int count) {}

  /** Keeps samples, and needs all classes from the start. */
  private static final class Hoarder implements Learner<Samples> {
    @Override
    public String name() {
      return "hoarder";
    }

    @Override
    public String summary() {
      return "Keeps samples.";
    }

    @Override
    public Citation citation() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Class<Samples> parameters() {
      return Samples.class;
    }

    @Override
    public boolean headsMayGrow() {
      return false;
    }

    @Override
    public int samplesKept(Samples parameters) {
      return parameters.count();
    }

    @Override
    public TaskLesson lesson(Samples parameters, TaskContext context) {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  void aBufferLargerThanTheDataIsRefused() {
    assertThatCode(() -> StreamTask.checkBuffer(HOARDER, new Samples(7), 7))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> StreamTask.checkBuffer(HOARDER, new Samples(8), 7))
        .isInstanceOf(Mistake.class)
        .hasMessage(
            "learner 'hoarder' has a buffer of 8 samples and the data set only 7 images; expected"
                + " at most as many.");
  }

  @Test
  void aClassifierThatGrowsIsRefusedWhereAllClassesAreNeeded() {
    assertThatCode(() -> Heads.FIXED.check(HOARDER)).doesNotThrowAnyException();
    assertThatThrownBy(() -> Heads.GROWING.check(HOARDER))
        .isInstanceOf(Mistake.class)
        .hasMessage(
            "heads is growing, and learner 'hoarder' needs all classes from the start; expected"
                + " fixed.");
  }
}
