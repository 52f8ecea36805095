// Builds what the web admin serves: copies the few files it uses out of the npm packages and makes
// one sprite of the icons named in icons.txt. A club's network may have no internet, so the build
// fails when a style would load anything from elsewhere.

import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const packages = join(here, "node_modules");
const vendor = join(here, "..", "lovhub", "server", "web", "static", "vendor");

// [file in the package, file in vendor/]
const files = [
  ["@tabler/core/dist/css/tabler.min.css", "tabler.min.css"],
  ["@tabler/core/dist/js/tabler.min.js", "tabler.min.js"],
  ["htmx.org/dist/htmx.min.js", "htmx.min.js"],
  ["@alpinejs/csp/dist/cdn.min.js", "alpine-csp.min.js"],
  ["uplot/dist/uPlot.iife.min.js", "uplot.min.js"],
  ["uplot/dist/uPlot.min.css", "uplot.min.css"],
];

// Written into PDFs, whose letters must be inside: Cyrillic, Kazakh and the sign of the tenge.
const fonts = [
  ["dejavu-fonts-ttf/ttf/DejaVuSans.ttf", "DejaVuSans.ttf"],
  ["dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf", "DejaVuSans-Bold.ttf"],
];

const licensed = [
  "@tabler/core",
  "@tabler/icons",
  "@popperjs/core", // inside tabler.min.js
  "htmx.org",
  "@alpinejs/csp",
  "@vue/reactivity", // inside alpine-csp.min.js
  "uplot",
  "dejavu-fonts-ttf",
];

function withoutSourceMap(text) {
  return text.replace(/\n?(\/\/|\/\*)[#@] sourceMappingURL=[^\n*]*(\*\/)?\s*$/, "\n");
}

function refuseOutsideAddresses(name, css) {
  const outside = css.match(/(?:@import|url\()\s*["']?\s*(?:url\()?["']?(?:https?:)?\/\/[^"')\s]*/);
  if (outside) {
    throw new Error(`${name} would load from elsewhere: ${outside[0]}`);
  }
}

function copyFiles() {
  for (const [from, to] of files) {
    const text = withoutSourceMap(readFileSync(join(packages, from), "utf8"));
    if (to.endsWith(".css")) {
      refuseOutsideAddresses(to, text);
    }
    writeFileSync(join(vendor, to), text);
  }
}

function copyFonts() {
  for (const [from, to] of fonts) {
    copyFileSync(join(packages, from), join(vendor, to));
  }
}

function iconNames() {
  const lines = readFileSync(join(here, "icons.txt"), "utf8").split("\n");
  return lines.map((line) => line.replace(/#.*/, "").trim()).filter((line) => line !== "");
}

// A line "user" is the outline icon; "filled/user" is the filled one, with the id "user-filled".
function symbol(name) {
  const filled = name.startsWith("filled/");
  const file = join(packages, "@tabler/icons/icons", filled ? name : `outline/${name}`) + ".svg";
  if (!existsSync(file)) {
    throw new Error(`icons.txt names "${name}", which Tabler does not have`);
  }
  const shapes = readFileSync(file, "utf8")
    .replace(/^[\s\S]*?<svg[^>]*>/, "")
    .replace(/<\/svg>\s*$/, "")
    .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*\/>/, "")
    .replace(/\s*\n\s*/g, "");
  const paint = filled
    ? 'fill="currentColor"'
    : 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"';
  const id = filled ? `${name.slice("filled/".length)}-filled` : name;
  return `<symbol id="${id}" viewBox="0 0 24 24" ${paint}>${shapes}</symbol>`;
}

function makeSprite() {
  const symbols = iconNames().map(symbol).join("\n");
  const sprite = `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols}\n</svg>\n`;
  writeFileSync(join(vendor, "icons.svg"), sprite);
}

function collectLicences() {
  const parts = licensed.map((name) => {
    const folder = join(packages, name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = ["LICENSE", "LICENSE.md"].map((n) => join(folder, n)).find(existsSync);
    const text = file ? readFileSync(file, "utf8").trim() : `Licence: ${license}`;
    return `${name} ${version}\n\n${text}\n`;
  });
  writeFileSync(join(vendor, "LICENSES.txt"), parts.join(`\n${"-".repeat(78)}\n\n`));
}

rmSync(vendor, { recursive: true, force: true });
mkdirSync(vendor, { recursive: true });
copyFiles();
copyFonts();
makeSprite();
collectLicences();
