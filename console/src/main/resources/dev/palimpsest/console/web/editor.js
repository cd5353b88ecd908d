// The editor of a definition: the page's text area works without it.

const area = document.querySelector("#text");
const checked = document.querySelector("#checked");

ace.config.set("useStrictCSP", true);
ace.define("ace/theme/palimpsest", ["exports"], (_, theme) => {
  theme.cssClass = "ace-palimpsest";
  theme.isDark = matchMedia("(prefers-color-scheme: dark)").matches;
});
const box = document.createElement("div");
box.id = "editor";
area.before(box);
area.hidden = true;
document.querySelector(".drafting").classList.add("editing");
for (const hidden of document.querySelectorAll("#file, .file")) hidden.hidden = false;

const editor = ace.edit(box, {
  value: area.value,
  theme: "ace/theme/palimpsest",
  useWorker: false,
  tabSize: 2,
  useSoftTabs: true,
  showPrintMargin: false,
  fixedWidthGutter: true,
  enableKeyboardAccessibility: true,
  textInputAriaLabel: "Definition",
  fontFamily: getComputedStyle(document.documentElement).getPropertyValue("--mono"),
  fontSize: 12.5,
});
editor.session.setMode("ace/mode/json");
editor.container.style.lineHeight = 1.6;
editor.session.on("change", () => {
  area.value = editor.getValue();
  htmx.trigger(checked, "draft");
});

// The findings of the page, at their lines.
let marks = [];
function mark() {
  marks.forEach((id) => editor.session.removeMarker(id));
  const found = [...checked.querySelectorAll("li[data-line]")].filter((li) => li.dataset.line > 0);
  editor.session.setAnnotations(
    found.map((li) => ({
      row: li.dataset.line - 1,
      column: li.dataset.column - 1,
      text: li.querySelector(".sentence").textContent,
      type: li.className,
    })),
  );
  const { Range } = ace.require("ace/range");
  marks = found.map((li) => {
    const row = li.dataset.line - 1;
    const token = editor.session.getTokenAt(row, Number(li.dataset.column));
    const from = token ? token.start : li.dataset.column - 1;
    const to = from + Math.max(1, token ? token.value.length : 1);
    return editor.session.addMarker(new Range(row, from, row, to), "wrong " + li.className, "text");
  });
}
mark();
checked.addEventListener("htmx:afterSettle", mark);

checked.addEventListener("click", (event) => {
  const li = event.target.closest("li[data-line]");
  if (!li || !event.target.closest(".at, .fix")) return;
  event.preventDefault();
  const row = li.dataset.line - 1;
  const fix = event.target.closest(".fix");
  if (fix) {
    const line = editor.session.getLine(row);
    const at = line.indexOf(fix.dataset.old, li.dataset.column - 1);
    if (at >= 0) {
      const { Range } = ace.require("ace/range");
      editor.session.replace(new Range(row, at, row, at + fix.dataset.old.length), fix.dataset.meant);
    }
  }
  editor.gotoLine(row + 1, li.dataset.column - 1, false);
  editor.focus();
});

async function open(file) {
  if (file) editor.session.setValue(await file.text());
}
document.querySelector("#file").addEventListener("change", (event) => open(event.target.files[0]));
const form = area.form;
form.addEventListener("dragover", (event) => event.preventDefault());
form.addEventListener("drop", (event) => {
  if (event.dataTransfer.files.length > 0) {
    event.preventDefault();
    event.stopPropagation();
    open(event.dataTransfer.files[0]);
  }
}, true);
