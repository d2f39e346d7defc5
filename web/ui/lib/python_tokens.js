// Splits Python source into pieces to colour: [kind, text] with kinds "comment", "string",
// "keyword", "number", "decorator", "builtin", "name" and "". Joined, the texts are the source.

const KEYWORDS = new Set(("False None True and as assert async await break case class continue def "
  + "del elif else except finally for from global if import in is lambda match nonlocal not or "
  + "pass raise return try while with yield").split(" "));
const BUILTINS = new Set(("abs all any bool bytes dict enumerate filter float format frozenset "
  + "getattr hasattr int isinstance len list map max min next object open print range repr "
  + "reversed round self set setattr sorted str sum super tuple type zip").split(" "));

// Three quotes first; a string that is not closed ends with its line, or with the file.
const STRINGS = [
  /"""(?:\\[^]|[^\\])*?(?:"""|$(?![^]))/,
  /'''(?:\\[^]|[^\\])*?(?:'''|$(?![^]))/,
  /"(?:\\[^]|[^"\\\n])*"?/,
  /'(?:\\[^]|[^'\\\n])*'?/,
].map((piece) => piece.source).join("|");
const PIECES = new RegExp([
  "(?<comment>#[^\\n]*)",
  `(?<string>(?:\\b[rRbBfFuU]{1,2})?(?:${STRINGS}))`,
  "(?<decorator>^[ \\t]*@[\\w.]+)",
  "(?<number>\\b(?:0[xX][\\da-fA-F_]+|\\d[\\d_]*\\.?[\\d_]*(?:[eE][+-]?\\d+)?))",
  "(?<word>[A-Za-z_]\\w*)",
].join("|"), "gm");

function kindOf({ comment, string, decorator, number, word }) {
  if (comment !== undefined) return "comment";
  if (string !== undefined) return "string";
  if (decorator !== undefined) return "decorator";
  if (number !== undefined) return "number";
  if (KEYWORDS.has(word)) return "keyword";
  return BUILTINS.has(word) ? "builtin" : "name";
}

export function pythonTokens(source) {
  const tokens = [];
  let end = 0;
  for (const found of source.matchAll(PIECES)) {
    if (found.index > end) tokens.push(["", source.slice(end, found.index)]);
    tokens.push([kindOf(found.groups), found[0]]);
    end = found.index + found[0].length;
  }
  if (end < source.length) tokens.push(["", source.slice(end)]);
  return tokens;
}

// The same by lines: a token that goes over several becomes one in each.
export function pythonLines(source) {
  const lines = [[]];
  for (const [kind, text] of pythonTokens(source)) {
    for (const [place, part] of text.split("\n").entries()) {
      if (place > 0) lines.push([]);
      if (part) lines.at(-1).push([kind, part]);
    }
  }
  return lines;
}
