package dev.palimpsest.workflows;

import org.junit.jupiter.api.Test;

final class InputFieldsTest {
  @Test
  void anInputIsWhatTheParameterIsThatItFeeds() {
    System.out.println(InputFields.of(definition(Sample.RIGHT), Sample.catalogue()));
  }

  private static Definition definition(String text) {
    return Definition.of("test", text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }
}
