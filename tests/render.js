// Renders labels in MathJax and in KaTeX: reads a JSON list of LaTeX, writes a list of complaints.
const katex = require("katex");
const {mathjax} = require("mathjax-full/js/mathjax.js");
const {TeX} = require("mathjax-full/js/input/tex.js");
require("mathjax-full/js/input/tex/AllPackages.js");
const {liteAdaptor} = require("mathjax-full/js/adaptors/liteAdaptor.js");
const {RegisterHTMLHandler} = require("mathjax-full/js/handlers/html.js");
const {STATE} = require("mathjax-full/js/core/MathItem.js");
const {SerializedMmlVisitor} = require("mathjax-full/js/core/MmlTree/SerializedMmlVisitor.js");

RegisterHTMLHandler(liteAdaptor());
const tex = new TeX({packages: ["base", "ams", "boldsymbol"]}); // what every page of MathJax has
const page = mathjax.document("", {InputJax: tex});
const visitor = new SerializedMmlVisitor();

console.warn = () => {}; // KaTeX says which letters its fonts have not

const renderers = {
  katex: (latex) => katex.renderToString(latex, {throwOnError: true, strict: false}),
  mathjax: (latex) => {
    const written = visitor.visitTree(page.convert(latex, {end: STATE.CONVERT}));
    if (written.includes("<merror")) throw new Error(written);
  },
};

const complaints = [];
const [name] = process.argv.slice(2);
for (const latex of JSON.parse(require("fs").readFileSync(0, "utf8"))) {
  try {
    renderers[name](latex);
  } catch (error) {
    complaints.push(`${latex}: ${error.message}`);
  }
}
process.stdout.write(JSON.stringify(complaints));
