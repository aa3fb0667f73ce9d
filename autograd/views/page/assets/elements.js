// Elements and markup. Python has escaped whatever a person wrote.

function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const cell = (kind, markup = "") => `<span class="${kind}">${markup}</span>`;

const find = (selector) => document.querySelector(`.app ${selector}`);

// Text as markup.
function escaped(text) {
  return make("span", {}, text).innerHTML;
}
