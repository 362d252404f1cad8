// Files of meters, machines, markets and maintenance systems: looked at, corrected, stored, and taken back.
import { get, isAdmin, link, mayAct, post, Refused, upload } from "../service/api.js";
import { time } from "../kit/clock.js";
import { ask, reasonField } from "../kit/dialog.js";
import { button, h, headRow, labelled, loadingRow, toast } from "../kit/html.js";
import { decimal, t, tc } from "../kit/language.js";
import { CHOICES, inWords, query, rateWords, storedWords, VIBRATION } from "./words.js";
import { newestOnly } from "../kit/newest.js";
import { nameOf } from "../kit/words.js";

/** @typedef {import("../service/formats.js").Import} Import */
/** @typedef {import("../service/formats.js").Inspection} Inspection */

const COLUMNS = [t("File"), t("When"), t("By"), t("Machines"), t("From"), t("Until"), t("What"), t("State"), ""];

/** @type {Record<string, string>} */
const STATES = { stored: tc("import", "stored"), storing: tc("import", "storing") };

/** @param {Import} one @param {() => void} changed */
const importRow = (one, changed) => labelled(COLUMNS, h("tr", { "data-batch": one.batch_id },
  h("td", {}, one.file),
  h("td", {}, time(one.at)),
  h("td", {}, nameOf(one.by)),
  h("td", {}, one.machines.slice(0, 5).map((id, i) => [i ? ", " : "", h("a", { href: link(`/devices/${id}`) }, id)]),
    one.machines.length > 5 ? ` ${t("and {number} more", { number: one.machines.length - 5 })}` : ""),
  h("td", {}, time(one.first)),
  h("td", {}, time(one.last)),
  h("td", {}, storedWords(one)),
  h("td", {}, one.state === "taken_back" ? t("taken back by {name}: {reason}", { name: nameOf(one.taken_back_by ?? ""), reason: one.taken_back_why }) : STATES[one.state] ?? one.state),
  h("td", {}, (one.rates ? isAdmin() : mayAct()) && one.state !== "taken_back" ? button(t("Take back …"), () => askTakeBack(one, changed)) : null)));

/** @param {Import} one @param {() => void} changed */
function askTakeBack(one, changed) {
  ask({
    title: t("Take {file} back?", { file: one.file }), confirm: t("Take it back"), danger: true,
    note: one.rates ? t("What was known before counts again: {what}. Energy that was priced by this import loses that price.", { what: storedWords(one) })
      : t("Everything that it added is deleted: {what}. The list still shows the import, and who took it back.", { what: storedWords(one) }),
    fields: [reasonField()],
    act: async ({ reason }) => {
      await post(`/api/imports/${one.batch_id}/take-back`, { reason });
      toast(t("{file} is taken back.", { file: one.file }), "good");
      changed();
    },
  });
}

/** @param {string[]} headings @param {Node[][] | string[][]} rows @param {string} name */
const table = (headings, rows, name) => h("div", { class: "panel", tabindex: "0", role: "region", "aria-label": name },
  h("table", {}, headRow(headings), h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell) => h("td", {}, cell)))))));

/** What was found, with sample rows and reasons. @param {Inspection} seen */
function report(seen) {
  const [headings = [], ...rows] = seen.samples;
  return [
    rows.length ? h("h3", {}, t("Rows as in the file")) : null,
    rows.length ? table(headings, rows, t("Rows of the file")) : null,
    h("h3", {}, t("What was found, and why")),
    table([t("What"), t("Found"), t("Because")], seen.findings.map(inWords), t("What was found")),
    h("h3", {}, t("What it holds")),
    seen.rates.length ? table([t("What"), t("Values"), t("Between"), t("From"), t("Until")], seen.rates.map((rate) =>
      [...rateWords(rate, seen.currency), time(rate.first), time(rate.last)]), t("What the file holds"))
    : table([t("Machine"), t("What"), t("Values"), t("Sum")], seen.holds.map((held) => [
      held.is_known ? held.device_id : t("{machine} (not in the plant file)", { machine: held.device_id }), held.what, String(held.values),
      held.kwh !== null ? `${decimal(held.kwh, 3)} kWh` : held.parts !== null ? t("{number} parts", { number: decimal(held.parts, 0) }) : ""]), t("What the file holds")),
  ];
}

/** What to know before it is stored. @param {Inspection} seen */
const notesOf = (seen) => [
  seen.too_old ? t("{number} readings are older than the database keeps and are left out.", { number: seen.too_old }) : null,
  seen.new_prices ? t("{number} prices are new.", { number: seen.new_prices }) : null,
  seen.changed_prices ? t("{number} prices are known with another value: this file counts.", { number: seen.changed_prices }) : null,
  seen.overlaps ? t("{number} days are known from other imports: this one counts.", { number: seen.overlaps }) : null,
].filter((note) => note !== null);

const vibrationInputs = () => Object.fromEntries(Object.keys(VIBRATION).map((name) => [name, h("input", name === "starts"
  ? { id: `import-${name}`, maxlength: "40", placeholder: "2026-10-01T06:00+02:00" } : { id: `import-${name}`, type: "number", min: "0", step: "any" })]));

/** @param {Record<string, HTMLInputElement>} inputs */
const vibrationFields = (inputs) => h("details", {}, h("summary", {}, t("High-rate vibration")),
  h("p", { class: "quiet" }, t("A file, or the files of one machine in a ZIP archive, become features: RMS, kurtosis, crest factor and bands. Without a time in their names, say when the first one was recorded.")),
  h("div", { class: "row tools" }, Object.entries(inputs).map(([name, input]) => [h("label", { for: `import-${name}` }, VIBRATION[name]), input])));

/** The form in which a file is looked at. @param {() => void} changed */
function importForm(changed) {
  const place = h("div", { id: "import-report", "aria-live": "polite" });
  const file = h("input", { id: "import-file", type: "file", required: true });
  const device = h("input", { id: "import-device", maxlength: "64", placeholder: t("as the file says") });
  const inputs = Object.fromEntries(Object.entries(CHOICES).map(([name, choice]) => [name, choice.options
    ? h("select", { id: `import-${name}` }, h("option", { value: "" }, t("as found")),
      choice.options.map(([value, words]) => h("option", { value }, words)))
    : h("input", { id: `import-${name}`, maxlength: "200", placeholder: t("as found") })]));
  const sampled = vibrationInputs();
  const chosen = () => ({ device: device.value, ...Object.fromEntries(Object.entries(sampled).map(([name, input]) => [name, input.value])), ...Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, input.value])) });
  async function look() {
    const given = file.files?.[0];
    if (!given) {
      toast(t("Choose a file first."), "bad");
      return;
    }
    place.replaceChildren(h("p", { class: "quiet" }, t("Reading …")));
    try {
      const seen = /** @type {Inspection} */ (await upload(`/api/imports/inspect?${query(given.name, chosen())}`, given));
      place.replaceChildren(...answer(seen, given).flat().filter((each) => each !== null));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      place.replaceChildren(h("p", { class: "problem", role: "alert" }, error.message));
    }
  }
  /** @param {Inspection} seen @param {File} given @returns {any[]} */
  function answer(seen, given) {
    if (seen.question) {
      const { what, problem, suggestion } = seen.question;
      const input = what === "device" ? device : inputs[what];
      if (input && suggestion && !input.value) input.value = suggestion;
      input?.focus();
      return [h("p", { class: "problem", role: "alert" }, t("{problem} Enter it in “{field}” and look again.", { problem, field: CHOICES[what]?.label ?? what }))];
    }
    const plan = seen.would_store;
    if (seen.already) {
      return [...report(seen), h("p", {}, t("This is stored already: {moment} by {name}.", { moment: time(seen.already.at), name: nameOf(seen.already.by) }))];
    }
    const shown = [...report(seen), notesOf(seen).map((note) => h("p", { class: "note" }, note))];
    if (plan?.rates && !isAdmin()) return [...shown, h("p", {}, t("Only a person with the role Admin can store prices and emission factors."))];
    return [...shown,
      plan ? button(t("Store {what}", { what: storedWords(plan) }), () => store(given, plan), "primary") : null];
  }
  /** @param {File} given @param {Import} plan */
  async function store(given, plan) {
    const address = plan.rates ? "/api/imports/prices" : "/api/imports";
    try {
      const stored = await upload(`${address}?${query(given.name, { ...chosen(), batch_id: plan.batch_id })}`, given);
      toast(t("Stored: {what}.", { what: storedWords(stored) }), "good");
      place.replaceChildren();
      changed();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      toast(error.message, "bad");
    }
  }
  return h("section", {},
    h("p", {}, t("Load profiles, registers, counts of parts, exports of meters and databases, market prices and emission factors, lists of failures and repairs, "
      + "vibration: CSV, XLSX, Parquet, NEM12, DSMR, Green Button. First you see what was found; nothing is stored before you say so.")),
    h("div", { class: "row tools" },
      h("label", { for: "import-file" }, t("File")), file,
      h("label", { for: "import-device" }, t("Machine")), device,
      button(t("Look at it"), look, "primary")),
    h("details", {}, h("summary", {}, t("Correct what was found")),
      h("div", { class: "row tools" }, Object.entries(inputs).map(([name, input]) =>
        [h("label", { for: `import-${name}` }, CHOICES[name].label), input]))),
    vibrationFields(sampled),
    place);
}

/** @param {HTMLElement} place */
export async function show(place) {
  const body = h("tbody", {}, loadingRow());
  const newest = newestOnly();
  const list = async () => {
    const found = /** @type {{imports: Import[]} | null} */ (await newest(get("/api/imports")));
    if (found === null) return;
    const { imports } = found;
    body.replaceChildren(...(imports.length ? imports.map((one) => importRow(one, list)) : [h("tr", {},
      h("td", { class: "quiet", colspan: String(COLUMNS.length) }, t("Nothing was imported yet.")))]));
  };
  place.replaceChildren(
    ...(mayAct() ? [importForm(list)] : []),
    h("h2", {}, t("Imports")),
    h("div", { class: "panel", tabindex: "0", role: "region", "aria-label": t("Imports") },
      h("table", { class: "stack" }, headRow(COLUMNS), body)));
  await list();
}
