package dev.palimpsest.base;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the JSON parser says of a broken text, in plain words. */
public final class JsonSyntax {
  private static final Pattern CHARACTER =
      Pattern.compile("Unexpected character \\('?(.+?)'? \\(code [^)]*\\).*", Pattern.DOTALL);
  private static final Pattern TOKEN =
      Pattern.compile("Unrecognized token '([^']*)'.*", Pattern.DOTALL);
  private static final Pattern DUPLICATE =
      Pattern.compile("Duplicate field '(.*)'", Pattern.DOTALL);

  private JsonSyntax() {}

  /** What was found, and what was expected. */
  public static String[] words(String said) {
    Matcher duplicate = DUPLICATE.matcher(said);
    if (duplicate.matches()) {
      return pair("the field '" + duplicate.group(1) + "' stands here twice", "expected it once");
    }
    Matcher token = TOKEN.matcher(said);
    if (token.matches()) {
      return pair(
          "'" + token.group(1) + "' is no JSON value",
          "expected a text in double quotes, a number, true, false, an object or a list");
    }
    Matcher character = CHARACTER.matcher(said);
    if (character.matches()) {
      return pair("'" + character.group(1) + "' cannot stand here", expected(said));
    }
    if (said.startsWith("Unexpected end-of-input")) {
      return pair("the text ends too early", "expected the quote, '}' or ']' that is still open");
    }
    if (said.contains("CTRL-CHAR")) {
      return pair(
          "a text in quotes holds a line break or another control character",
          "expected it on one line, with \\n or \\t instead");
    }
    if (said.startsWith("Invalid numeric value")) {
      return pair("this is no JSON number", "expected one such as 0.5, 10 or 1e-4");
    }
    if (said.contains("nesting depth")) {
      return pair("the text is nested too deep", "expected at most 1000 levels");
    }
    return pair("this is not valid JSON", "expected what RFC 8259 allows");
  }

  private static String expected(String said) {
    if (said.contains("double-quote to start field name")) {
      return "expected a field's name in double quotes; before '}' stands no comma";
    }
    if (said.contains("colon")) {
      return "expected ':' between a field's name and its value";
    }
    if (said.contains("comma to separate Object")) {
      return "expected ',' or '}' behind a field's value";
    }
    if (said.contains("comma to separate Array")) {
      return "expected ',' or ']' behind a list's value";
    }
    if (said.contains("escape")) {
      return "expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u behind a backslash";
    }
    return "expected a value: a text in double quotes, a number, true, false, null, an object or a"
        + " list";
  }

  private static String[] pair(String found, String expected) {
    return new String[] {found, expected};
  }
}
