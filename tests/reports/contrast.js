// Text whose contrast with what is behind it is below 4.5 (WCAG 2, AA), by tag and class; {} where there is none.
const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const pixel = (colour) => {
  pen.clearRect(0, 0, 1, 1);
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 1, 1);
  return pen.getImageData(0, 0, 1, 1).data;
};
const over = (top, under) => [0, 1, 2].map((i) => (top[i] * top[3] + under[i] * (255 - top[3])) / 255);
const linear = (part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
const light = (colour) => {
  const [red, green, blue] = colour.map((part) => linear(part / 255));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const behind = (one) => {
  const layers = [];
  for (; one; one = one.parentElement) layers.push(pixel(getComputedStyle(one).backgroundColor));
  return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255]);
};
const poor = {};
for (const one of document.querySelectorAll("body *")) {
  const speaks = [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
  if (!speaks || one.closest("svg, script, .zero") || !one.checkVisibility()) continue;
  const ground = behind(one);
  const ink = over(pixel(getComputedStyle(one).color), ground);
  const [high, low] = [light(ink), light(ground)].sort((a, b) => b - a);
  const ratio = (high + 0.05) / (low + 0.05);
  if (ratio < 4.5) poor[`${one.tagName}.${one.className}`] = ratio.toFixed(2);
}
return poor;
