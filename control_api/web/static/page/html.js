// Elements without markup in strings: whatever a machine or a person wrote stays text.
export const byId = (id) => document.getElementById(id);

export function h(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key in element && typeof value !== "string") element[key] = value;
    else if (value !== null && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function badge(word) {
  return h("span", { class: `badge ${word}` }, word);
}

export function labelled(names, row) {
  // On a phone a row becomes a list, in which each cell says what it is.
  [...row.children].forEach((cell, index) => { if (names[index]) cell.setAttribute("data-label", names[index]); });
  return row;
}

export function toast(text, kind = "") {
  const message = h("div", { class: `toast ${kind}` }, text);
  byId("toasts").append(message);
  setTimeout(() => message.remove(), 8000);
}

export function soon(draw) {
  // At most one drawing a frame, however many messages came.
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; draw(); });
  };
}
