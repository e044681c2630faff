// What is on the screen: one pair, one of its steps, and the question that is next.
const element = (id) => document.getElementById(id);
const place = { pair: 0, step: 0, question: 0 };

const pairHere = () => pairs[place.pair];
const stepHere = () => pairHere().steps[place.step];
const questionHere = () => stepHere().questions[place.question];

function make(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function drawPair() {
  const pair = pairHere();
  element("client-text").textContent = `${pair.client}\n\nWhy the client came: ${pair.reason}`;
  for (const side of SIDES) {
    element(`${side.id}-said`).replaceChildren(...pair[side.id].map(drawUtterance));
    element(side.id).scrollTop = 0;
  }
}

function drawUtterance({ speaker, text }) {
  const name = make("b", { textContent: speaker === "counselor" ? "Counselor" : "Client" });
  return make("li", { className: speaker }, name, make("p", { textContent: text }));
}

function drawStep() {
  const step = stepHere();
  element("step-title").textContent = step.title;
  element("step-task").textContent = step.task;
  element("step-keys").textContent = step.keys;
  element("form").replaceChildren(...step.questions.map(drawQuestion));
  element("questions").scrollTop = 0;
  for (const side of SIDES) element(side.id).classList.toggle("asked", step.side === side.id);
  const last = place.pair === pairs.length - 1 && place.step === pairHere().steps.length - 1;
  element("next").textContent = last ? "Finish" : "Next";
  element("back").disabled = place.pair === 0 && place.step === 0;
}

function drawQuestion(question, index) {
  const options = question.options.map(({ value, label }) => {
    const radio = make("input", { type: "radio", name: question.id, value: String(value) });
    return make("label", {}, radio, make("span", { textContent: label }));
  });
  const comment = make("textarea", { value: answers.commentOn(question), rows: 2 });
  const answered = make("span", { className: "answered", ariaHidden: "true" });
  const drawn = make(
    "fieldset",
    { className: "question" },
    make("legend", {}, question.label, answered),
    make("p", { textContent: question.text }),
    question.anchors ? drawAnchors(question.anchors) : drawMore(question.more),
    make("div", { className: "options" }, ...options),
    make("label", { className: "comment", hidden: true }, "Comment (may stay empty)", comment),
  );
  drawn.dataset.index = String(index);
  return drawn;
}

function drawMore(text) {
  return make("p", { className: "more", textContent: text });
}

function drawAnchors(anchors) {
  const lines = Object.entries(anchors).map(([score, text]) =>
    make("div", {}, make("dt", { textContent: score }), make("dd", { textContent: text })),
  );
  return make("dl", { className: "more" }, ...lines);
}

function drawSteps() {
  const buttons = pairHere().steps.map((step, index) => {
    const count = `${answers.countIn(step.questions)}/${step.questions.length}`;
    const button = make("button", { type: "button", textContent: `${step.name} ${count}` });
    button.dataset.step = String(index);
    if (index === place.step) button.setAttribute("aria-current", "step");
    return button;
  });
  element("steps").replaceChildren(...buttons);
}

// Brings everything that depends on the answers up to date; the inputs stay where they are.
function mark() {
  for (const drawn of element("form").children) {
    const question = stepHere().questions[Number(drawn.dataset.index)];
    const value = answers.valueOf(question);
    const answered = value !== undefined;
    for (const radio of drawn.querySelectorAll("input")) {
      radio.checked = radio.value === String(value);
    }
    drawn.classList.toggle("current", question === questionHere());
    drawn.querySelector(".answered").textContent = answered ? " ✓" : "";
    const comment = drawn.querySelector("textarea");
    const wanted = question === questionHere() || answers.commentOn(question) !== "";
    drawn.querySelector(".comment").hidden = !(answered && wanted);
    if (comment !== document.activeElement) comment.value = answers.commentOn(question);
  }
  drawSteps();
  const count = answers.countIn(questions);
  element("progress").max = questions.length;
  element("progress").value = count;
  element("counted").textContent = `${count} of ${questions.length} answered`;
  const { kept } = answers;
  element("saved").textContent = kept ? "Saved in this browser" : "Not saved here: download";
  element("saved").classList.toggle("kept", kept);
  element("pair").replaceChildren(...pairs.map(drawPairChoice));
  element("pair").value = String(place.pair);
}

function drawPairChoice(pair, index) {
  const asked = pair.steps.flatMap((step) => step.questions);
  const text = `${index + 1} of ${pairs.length} (${answers.countIn(asked)}/${asked.length})`;
  return make("option", { value: String(index), textContent: text });
}

function show(panel) {
  document.body.dataset.shown = panel;
  for (const button of element("panels").children) {
    button.setAttribute("aria-pressed", String(button.dataset.panel === panel));
  }
}

function focusQuestion() {
  show("questions");
  const drawn = element("form").children[place.question];
  drawn.scrollIntoView({ block: "nearest" });
  const radio = drawn.querySelector("input:checked") ?? drawn.querySelector("input");
  radio.focus({ preventScroll: true });
}

function say(text) {
  element(element("welcome").open ? "welcome-alert" : "alert").textContent = text;
}
