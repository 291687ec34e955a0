"""The lesson's steps about ECA in a real network."""

from eca_viz.locale.texts import text
from eca_viz.ui import state
from eca_viz.ui.lesson import pictures, views
from eca_viz.ui.lesson.step import Question, Step, Teacher, View
from eca_viz.ui.lesson.views import ATTENTION, CLASSES, KERNELS, WHAT_IF

OF_ECA: tuple[Step, ...] = (
    Step(
        id="adaptive",
        title=text("How wide should the window be?"),
        text=text(
            "A wide layer may need a wider window. The paper derives k from C, **Eq. 12**:\n\n"
            r"$$k = \left|\frac{\log_2 C}{\gamma} + \frac{b}{\gamma}\right|_{\mathrm{odd}}, \quad "
            r"\gamma = 2,\ b = 1$$"
            "\n\nwhere |t| with *odd* is the nearest odd number: cut t to an integer and add 1 if "
            "it is even."
        ),
        question=Question(
            text("What is k for a layer with C = 512 channels?"),
            ("3", "5", "7", "9"),
            right=1,
            why=text("log₂ 512 = 9, (9 + 1) / 2 = 5, which is odd."),
        ),
        picture=pictures.adaptive,
        done=text("k grows with the logarithm of C: from 3 at 64 channels to 7 at 2048."),
        view=View(
            KERNELS,
            text("The rule with other γ and b"),
            lambda m: {state.KERNELS_TAB: "Adaptive rule"},
        ),
        teacher=Teacher(
            needs=text("Logarithm to base 2."),
            ask=text("How many channels must a layer have before k becomes 9?"),
            correction=text(
                "γ and b are not learned. The paper chose them once, for all networks."
            ),
        ),
        channels=(64, 128, 256, 512, 1024, 2048, 4096),
        short=True,
    ),
    Step(
        id="checkpoints",
        title=text("Why checkpoints disagree about k"),
        text=text(
            "Four answers are in use for a ResNet-50:\n\n"
            "| k per stage | from |\n| --- | --- |\n"
            "| 5, 5, 5, 7 | Eq. 12 on the channels that the layer sees (timm) |\n"
            "| 3, 5, 5, 5 | Eq. 12 on the width inside the block |\n"
            "| 3, 5, 5, 7 | the released checkpoint, as its name says |\n"
            "| 3, 3, 3, 3 | the default of the official constructor |\n\n"
            "So k is read from the weights that are loaded, never from the formula."
        ),
        picture=pictures.loaded_kernels,
        done=text("Read k from the weights; the formula is a rule for building, not a fact."),
        view=View(KERNELS, text("Kernels of the network at hand")),
        teacher=Teacher(
            needs=text("The step before."),
            ask=text("A checkpoint does not load: “size mismatch”. What would you look at first?"),
            correction=text(
                "A k that differs from Eq. 12 is no error, and does not prove that the "
                "layer works worse."
            ),
        ),
    ),
    Step(
        id="numbers",
        title=text("One gate, number by number"),
        text=text(
            "Here is everything that the network computes for one gate: the values y of the "
            "channels in the window, times the taps, added up to the **logit z**, and the sigmoid "
            "of z is the **gate ω**. It can be checked with a calculator."
        ),
        picture=pictures.followed,
        done=text("A gate of ECA is k products, a sum and a sigmoid."),
        view=View(ATTENTION, text("Follow any channel"), views.strongest),
        teacher=Teacher(
            needs=text("A calculator."),
            ask=text("Which of the channels in the window moved this gate most?"),
            correction=text(
                "Figure 3 of the paper leaves out the sigmoid; its text and its code have it."
            ),
        ),
        short=True,
        wide=True,
    ),
    Step(
        id="ones",
        title=text("What if all gates are 1?"),
        text=text(
            "With every gate set to 1 the attention layers do nothing: each feature map passes "
            "as it is. The weights of the network stay, and they were trained with the gates."
        ),
        question=Question(
            text("What happens to the prediction for this image?"),
            (
                text("The same class, within five points"),
                text("The same class, with another probability"),
                text("Another class"),
            ),
            right=pictures.fate,
            applies=lambda material: bool(material.explanation.predictions),
            why=text(
                "Measured on the image at hand; another image may come out otherwise. Try some."
            ),
        ),
        picture=pictures.ungated,
        done=text("What a network does without its gates has to be measured, image by image."),
        view=View(WHAT_IF, text("Change the gates yourself"), views.ones),
        teacher=Teacher(
            needs=text("Nothing further."),
            ask=text("Would a network that is trained without attention predict the same?"),
            correction=text(
                "This does not measure what attention is worth: a network trained "
                "without it adapts, and loses far less."
            ),
        ),
        short=True,
    ),
    Step(
        id="importance",
        title=text("Is a large gate an important one?"),
        text=text(
            "It is tempting to read large gates as important channels. It can be measured: set "
            "one gate to its mean over many images and watch the logit of the predicted class; "
            "then the next gate, and so on."
        ),
        question=Question(
            text("Are the channels with the largest gates here those that matter most?"),
            (text("Yes, clearly"), text("Hardly, or only somewhat")),
            right=pictures.order_of_effects,
            why=text(
                "Measured on the image at hand: see Spearman's ρ at the figure. A gate says how "
                "much of a channel passes, not what the network does with it: a channel that "
                "always has a large gate may matter little, and one whose gate is small here may "
                "matter because it is large in most other images."
            ),
            applies=lambda material: material.explanation.target is not None,
        ),
        picture=pictures.importance,
        done=text("Attention is not explanation: what matters has to be measured."),
        view=View(WHAT_IF, text("Effects in other layers"), views.effects),
        work=lambda material: material.effects_work,
        teacher=Teacher(
            needs=text("What a logit is."),
            ask=text("How would you find out which channels matter for this image?"),
            correction=text(
                "A heat map of gates is a picture of what the layer did, not of why the "
                "network decided as it did."
            ),
        ),
        short=True,
    ),
    Step(
        id="classes",
        title=text("What classes do to gates"),
        text=text(
            "The SE paper looked at gates over many images: in early layers they are nearly the "
            "same for all classes, in later ones they differ, and in the last blocks they hardly "
            "do. Here it is in numbers: the share of the variance of gates, **η²**, that lies "
            "between classes."
        ),
        picture=pictures.classes,
        done=text("How much gates depend on the class differs from layer to layer."),
        view=View(CLASSES, text("All layers and classes")),
        teacher=Teacher(
            needs=text("Mean and standard deviation."),
            ask=text("In which layers could the attention be replaced by a constant?"),
            correction=text(
                "A difference between classes does not prove that the network uses it."
            ),
        ),
    ),
)
