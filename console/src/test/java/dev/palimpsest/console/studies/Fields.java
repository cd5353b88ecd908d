package dev.palimpsest.console.studies;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The form of a page, as a browser would post it. */
final class Fields {
  private static final Pattern FORM =
      Pattern.compile("<form id=\"study\".*?</form>", Pattern.DOTALL);
  private static final Pattern INPUT = Pattern.compile("<input ([^>]*)>");
  private static final Pattern SELECT =
      Pattern.compile("<select ([^>]*)>(.*?)</select>", Pattern.DOTALL);
  private static final Pattern OPTION = Pattern.compile("<option ([^>]*)>");
  private static final Pattern AREA =
      Pattern.compile("<textarea ([^>]*)>(.*?)</textarea>", Pattern.DOTALL);

  private Fields() {}

  /** What would be posted, by name; a ticked box counts over the field that stands for none. */
  static Map<String, String> of(String page) {
    Matcher form = FORM.matcher(page);
    if (!form.find()) {
      throw new AssertionError("no form in " + page);
    }
    var fields = new LinkedHashMap<String, String>();
    Matcher input = INPUT.matcher(form.group());
    while (input.find()) {
      String tag = input.group(1);
      if (!tag.contains("type=\"checkbox\"") || tag.contains(" checked")) {
        fields.put(attribute(tag, "name"), attribute(tag, "value"));
      }
    }
    Matcher select = SELECT.matcher(form.group());
    while (select.find()) {
      Matcher option = OPTION.matcher(select.group(2));
      while (option.find()) {
        if (option.group(1).contains(" selected")) {
          fields.put(attribute(select.group(1), "name"), attribute(option.group(1), "value"));
        }
      }
    }
    Matcher area = AREA.matcher(form.group());
    while (area.find()) {
      // As a browser does: lines end in two characters.
      fields.put(attribute(area.group(1), "name"), plain(area.group(2)).replace("\n", "\r\n"));
    }
    return fields;
  }

  /** The choices of a select. */
  static List<String> options(String page, String name) {
    var options = new ArrayList<String>();
    Matcher select = SELECT.matcher(page);
    while (select.find()) {
      if (attribute(select.group(1), "name").equals(name)) {
        Matcher option = OPTION.matcher(select.group(2));
        while (option.find()) {
          options.add(attribute(option.group(1), "value"));
        }
      }
    }
    return options;
  }

  /** The HTML of one field. */
  static String field(String page, String name) {
    String id = name.replaceAll("[^A-Za-z0-9]", "-") + "-field\"";
    int at = page.indexOf(id);
    if (at < 0) {
      throw new AssertionError("no field " + name);
    }
    int start = page.lastIndexOf("<div class=\"field ", at);
    int end = page.indexOf("class=\"field ", at);
    return page.substring(start, end < 0 ? page.length() : end);
  }

  private static String attribute(String tag, String name) {
    Matcher found = Pattern.compile("\\b" + name + "=\"([^\"]*)\"").matcher(tag);
    return found.find() ? plain(found.group(1)) : "";
  }

  static String plain(String html) {
    return html.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&");
  }
}
