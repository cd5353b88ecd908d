package dev.palimpsest.cli.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A figure that came with an archive draws and does nothing else. */
final class DrawingTest {
  @TempDir Path folder;

  private Path svg(String text) throws IOException {
    return Files.writeString(folder.resolve("figure.svg"), text);
  }

  @Test
  void ourOwnFiguresAreDrawings() throws IOException {
    assertThat(Drawing.fault(Path.of("../../docs/quickstart.svg"))).isEmpty();
    String image =
        "<svg xmlns='http://www.w3.org/2000/svg' aria-label='5 epochs (mean)'>"
            + "<image data-x='a(b)' href='data:image/png;base64,AA=='/></svg>";
    assertThat(Drawing.fault(svg(image))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          <svg><script>alert(1)</script></svg>                       | the element 'script'
          <svg xmlns:s='urn:x'><s:script/></svg>                     | the element 'script'
          <svg><foreignObject/></svg>                                | the element 'foreignObject'
          <svg><a href='javascript:alert(1)'/></svg>                 | the element 'a'
          <svg><image href='https://example.org/x.png'/></svg>       | the attribute 'href'
          <svg onload='x'/>                                          | the attribute 'onload'
          <svg style='x'/>                                           | the attribute 'style'
          <svg fill='url(https://example.org)'/>                     | the attribute 'fill'
          <?xml-stylesheet href='x.css'?><svg/>                      | the instruction 'xml-stylesheet'
          <!DOCTYPE svg SYSTEM "file:///etc/hostname"><svg/>         | a document type
          <svg>&x;</svg>                                             | what is no XML
          <svg                                                       | what is no XML
          """)
  void whatABrowserWouldRunOrFetchIsFound(String text, String fault) throws IOException {
    assertThat(Drawing.fault(svg(text))).contains(fault);
  }
}
