// Going from question to question, step to step, pair to pair.
function firstOpen(asked) {
  const open = asked.findIndex((question) => answers.valueOf(question) === undefined);
  return Math.max(open, 0);
}

function goTo(pair, step) {
  const otherPair = pair !== place.pair;
  Object.assign(place, { pair, step });
  place.question = firstOpen(stepHere().questions);
  if (otherPair) drawPair();
  drawStep();
  mark();
  if (otherPair) focusPanel("left"); // a new pair is read before it is rated
  else focusQuestion();
}

function focusPanel(panel) {
  if (panel === "questions") {
    focusQuestion();
    return;
  }
  show(panel);
  element(panel).focus();
}

function toQuestion(index) {
  if (index < 0 || index >= stepHere().questions.length) return;
  place.question = index;
  mark();
  focusQuestion();
}

function nextStep() {
  if (place.step + 1 < pairHere().steps.length) goTo(place.pair, place.step + 1);
  else if (place.pair + 1 < pairs.length) goTo(place.pair + 1, 0);
  else finish();
}

function stepBefore() {
  if (place.step > 0) goTo(place.pair, place.step - 1);
  else if (place.pair > 0) goTo(place.pair - 1, pairs[place.pair - 1].steps.length - 1);
}

function answer(question, value) {
  answers.give(question, value);
  say("");
  mark();
}

function answerAndGoOn(value) {
  answer(questionHere(), value);
  if (place.question + 1 < stepHere().questions.length) toQuestion(place.question + 1);
  else element("next").focus();
}

function finish() {
  const open = questions.length - answers.countIn(questions);
  element("end-title").textContent = open ? "Not yet complete" : "All answered. Thank you!";
  element("end-text").textContent = open
    ? `${open} of ${questions.length} questions are open. You can still download what there is.`
    : "Download your answers and send the file to whoever gave you this page.";
  element("to-open").hidden = open === 0;
  element("end").returnValue = "";
  element("end").showModal();
}

function toFirstOpen() {
  const pair = Math.max(pairs.findIndex(({ steps }) => steps.some(isOpen)), 0);
  goTo(pair, Math.max(pairs[pair].steps.findIndex(isOpen), 0));
}

function isOpen(step) {
  return answers.countIn(step.questions) < step.questions.length;
}

function download() {
  const name = answers.rater.replace(/[^\p{L}\p{N}._-]+/gu, "-") || "rater";
  const address = URL.createObjectURL(new Blob([answers.toFile()], { type: "application/json" }));
  make("a", { href: address, download: `answers-${kit.id}-${name}.json` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
  answers.atRisk = false;
}
