package dev.palimpsest.cli.bundle;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * Whether a figure from elsewhere is a drawing and nothing else: a browser runs the scripts of an
 * SVG and fetches what it refers to.
 */
final class Drawing {
  private static final Set<String> ELEMENTS =
      Set.of(
          "svg",
          "title",
          "desc",
          "g",
          "rect",
          "circle",
          "line",
          "polyline",
          "polygon",
          "path",
          "text",
          "tspan",
          "image");

  private Drawing() {}

  /** What it holds beside a drawing; empty if nothing. */
  static Optional<String> fault(Path file) {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    try (InputStream in = Files.newInputStream(file)) {
      XMLStreamReader xml = factory.createXMLStreamReader(in);
      while (xml.hasNext()) {
        Optional<String> fault =
            switch (xml.next()) {
              case XMLStreamConstants.START_ELEMENT -> element(xml);
              case XMLStreamConstants.DTD -> Optional.of("a document type");
              case XMLStreamConstants.PROCESSING_INSTRUCTION ->
                  Optional.of("the instruction '" + xml.getPITarget() + "'");
              default -> Optional.empty();
            };
        if (fault.isPresent()) {
          return fault;
        }
      }
      return Optional.empty();
    } catch (XMLStreamException | IOException e) {
      return Optional.of("what is no XML");
    }
  }

  private static Optional<String> element(XMLStreamReader xml) {
    if (!ELEMENTS.contains(xml.getLocalName())) {
      return Optional.of("the element '" + xml.getLocalName() + "'");
    }
    for (int i = 0; i < xml.getAttributeCount(); i++) {
      String name = xml.getAttributeLocalName(i).toLowerCase(Locale.ROOT);
      String value = xml.getAttributeValue(i);
      boolean harmless =
          name.equals("href")
              ? value.startsWith("data:image/png;base64,")
              : !name.startsWith("on") && !name.equals("style") && !value.contains("(");
      if (!harmless && !(name.equals("aria-label") || name.startsWith("data-"))) {
        return Optional.of("the attribute '" + name + "'");
      }
    }
    return Optional.empty();
  }
}
