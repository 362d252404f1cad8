// People on a stack without Grafana: who is signed in, and links that sign in one person each.
import { t } from "../kit/language.js";
import { get, post, remove } from "../service/api.js";
import { time } from "../kit/clock.js";
import { ask } from "../kit/dialog.js";
import { attempt, button, h, none, toast } from "../kit/html.js";
import { roleName } from "../kit/words.js";

/** @type {Record<string, string>} */
const STATES = { "signed in": t("signed in"), invited: t("invited") };

const ROLES = { Viewer: t("Viewer: looks"), Editor: t("Editor: acts"), Admin: t("Admin: invites others too") };

/** @param {{name: string, role: string, link: string, expires_at: string}} invitation */
function showLink(invitation) {
  const field = h("input", { id: "invitation", readonly: "", value: invitation.link });
  const { dialog } = ask({ title: t("A sign-in link for {name}", { name: invitation.name }),
    note: t("It works once, until {moment}, and is shown only now.", { moment: time(invitation.expires_at) }),
    body: [h("label", { for: "invitation" }, t("Link")), field,
      h("div", { class: "row" }, button(t("Copy"), () => navigator.clipboard.writeText(invitation.link).then(
        () => toast(t("Copied."), "good"), () => { field.select(); })))] });
  field.select();
  return dialog;
}

function askInvite() {
  const name = h("input", { id: "name", required: true, maxlength: "64", pattern: "[\\p{L}\\p{N}_][\\p{L}\\p{N}_. \\-]*", autocomplete: "off" });
  const role = h("select", { id: "role" }, Object.entries(ROLES).map(([value, label]) => h("option", { value, selected: value === "Editor" }, label)));
  ask({ title: t("Who is the link for?"), confirm: t("Create the link"), note: t("What this person does is recorded under the name."),
    fields: [{ name: "name", label: t("Name"), input: name }, { name: "role", label: t("Role"), input: role }],
    act: async (values) => { showLink(await post("/api/people", values)); } });
}

export async function showPeople() {
  /** @type {{people: {name: string, role: string, state: string, until: string | null, last_seen_at: string | null}[]}} */
  const { people } = await get("/api/people");
  const { dialog } = ask({ title: t("People"), body: [
    h("ul", { class: "plain" }, people.length ? people.map((one) => h("li", {}, h("strong", {}, one.name), ` · ${roleName(one.role)} · ${STATES[one.state] ?? one.state}`,
      one.until ? ` ${t("until {moment}", { moment: time(one.until) })}` : "", " ", button(t("Sign out"), () => attempt(remove(`/api/people/${encodeURIComponent(one.name)}`)
        .then(() => { dialog.close(); toast(t("{name} is signed out.", { name: one.name }), "good"); }))))) : none(t("Nobody."))),
    h("div", { class: "row" }, button(t("Create a link for a person …"), () => { dialog.close(); askInvite(); }))] });
}
