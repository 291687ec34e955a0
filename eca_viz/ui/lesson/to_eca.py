"""The lesson's steps from what a channel is to ECA."""

from eca_viz.locale.texts import text
from eca_viz.ui import state
from eca_viz.ui.lesson import by_mechanism, pictures, views
from eca_viz.ui.lesson.step import Question, Step, Teacher, View
from eca_viz.ui.lesson.views import ATTENTION, KERNELS, MECHANISMS

TO_ECA: tuple[Step, ...] = (
    Step(
        id="channel",
        title=text("What a channel is"),
        text=text(
            "A convolutional layer turns its input into **C feature maps**. Each of them is a "
            "**channel**: it has one number for each place of the image, large where the layer "
            "finds the pattern that this channel stands for. Early in a network the patterns are "
            "edges and colours; deeper they become parts of things."
        ),
        picture=pictures.channel_maps,
        done=text("A channel is a map of one pattern over the image."),
        view=View(ATTENTION, text("Feature maps of any channel"), views.maps),
        teacher=Teacher(
            needs=text("Nothing but an image."),
            ask=text("Which of these maps would help to find the sky? Which one the ground?"),
            correction=text(
                "Channels are not red, green and blue: only the first layer's input has "
                "those three."
            ),
        ),
        short=True,
    ),
    Step(
        id="pooling",
        title=text("H × W numbers become one"),
        text=text(
            "How much of its pattern does a channel find in the whole image? **Global average "
            "pooling** takes the mean over all H × W places:\n\n"
            r"$$y_c = \frac{1}{H W} \sum_{i,j} x_c(i, j)$$"
            "\n\nThe C means together are the **descriptor y**: the whole image in C numbers."
        ),
        picture=pictures.pooling,
        done=text("The descriptor y holds one number a channel, and no place."),
        view=View(ATTENTION, text("The descriptor of a layer"), views.descriptor),
        teacher=Teacher(
            needs=text("What a mean is."),
            ask=text("If the image is mirrored, what happens to the map, and what to y?"),
            correction=text("y is not a probability: it may be negative, and it has no upper end."),
        ),
        short=True,
    ),
    Step(
        id="gate",
        title=text("A gate multiplies"),
        text=text(
            "**Channel attention** computes one number ω for each channel, its **gate**, between "
            "0 and 1 in nearly all mechanisms, and multiplies the whole feature map by it. With ω "
            "near 1 the channel passes, with ω near 0 it is nearly silenced, for this image only. "
            "All that follows is about one question: *how is ω computed from y?*"
        ),
        picture=pictures.gating,
        done=text("A gate scales a whole channel, and it depends on the image."),
        view=View(ATTENTION, text("Compare the maps of other channels"), views.maps),
        teacher=Teacher(
            needs=text("The first two steps."),
            ask=text("What would the rest of the network notice if every gate were ½?"),
            correction=text(
                "A gate does not choose places in the image. Spatial attention does; "
                "this one cannot."
            ),
        ),
        short=True,
    ),
    Step(
        id="se",
        title=text("SE: through a bottleneck"),
        text=text(
            "**Squeeze-and-Excitation** (2018) computes all gates with two small fully connected "
            "layers:\n\n"
            r"$$\omega = \sigma(W_2\,\mathrm{ReLU}(W_1 y))$$"
            "\n\nW₁ reduces the C values to C/r, here with r = 16, and W₂ brings them back. That "
            r"saves parameters: $2C^2/r$ instead of $C^2$. It also means that no gate sees its own "
            "channel directly."
        ),
        picture=pictures.squeeze,
        done=text("SE computes every gate from the same C/r values."),
        view=View(MECHANISMS, text("SE among the other mechanisms")),
        teacher=Teacher(
            needs=text("Matrix times vector, ReLU and sigmoid."),
            ask=text(
                "Two channels have swapped their values of y. Can the bottleneck be the same?"
            ),
            correction=text(
                "Most of the cost of SE is in parameters, not in time: the vector is short."
            ),
        ),
        short=True,
    ),
    Step(
        id="bottleneck",
        title=text("Does the bottleneck help?"),
        text=text(
            "The authors of ECA-Net asked what SE owes to its bottleneck. They compared it with "
            "**SE-Var2**, which has no bottleneck and no interaction at all: each gate is "
            r"$\sigma(w_c\, y_c)$, from its own channel alone."
        ),
        question=Question(
            text("Which of the two gives the better ImageNet network?"),
            (
                text("SE: it sees all channels"),
                text("SE-Var2: it sees each channel directly"),
                text("Neither: they are equal"),
            ),
            right=1,
            why=text(
                "In the paper SE-Var2 is ahead (77.07 against 76.71). Its conclusion: avoiding the "
                "reduction of dimension matters more than a non-linear interaction of the channels."
            ),
        ),
        picture=by_mechanism.accuracies("none", "se", "se_var1", "se_var2"),
        done=text("In the paper a direct path from y to ω beats a bottleneck."),
        view=View(MECHANISMS, text("All accuracies"), lambda m: {state.MECHANISMS_TAB: "Accuracy"}),
        teacher=Teacher(
            needs=text("The step before."),
            ask=text(
                "How many seeds did the paper train? What would you want to know before you "
                "believe 0.36 points?"
            ),
            correction=text(
                "Our measurement does not repeat the paper's: ten easy classes and a "
                "small network. Where its bars overlap it decides nothing."
            ),
        ),
        short=True,
    ),
    Step(
        id="variants",
        title=text("SE-Var1 to SE-Var3: what a gate depends on"),
        text=text(
            "Every linear mechanism is ω = σ(W y); they differ in which entries of the matrix W "
            "may be other than 0. **SE-Var1** has the identity and nothing to learn, **SE-Var2** a "
            "diagonal, **SE-Var3** the full matrix: each gate depends on every channel. An empty "
            "entry is a channel that the gate does not depend on."
        ),
        picture=by_mechanism.matrices("se_var1", "se_var2", "se_var3"),
        done=text("The pattern of W says which channels a gate depends on."),
        view=View(MECHANISMS, text("The matrices at other sizes")),
        teacher=Teacher(
            needs=text("Matrix times vector."),
            ask=text("Where in these matrices is the answer to: does gate 5 depend on channel 9?"),
            correction=text(
                "SE-Var1 is no attention that was switched off: its gates depend on the "
                "image, only nothing in them is learned."
            ),
        ),
    ),
    Step(
        id="interaction",
        title=text("Are C² parameters worth it?"),
        text=text(
            "SE-Var3 lets every gate depend on every channel. One layer with C = 2048, as in the "
            "last stage of a ResNet-50, then has 4.2 million parameters; SE-Var2 has 2,048."
        ),
        question=Question(
            text("What does the full matrix gain over the diagonal?"),
            (
                text("Nothing: interaction does not help"),
                text("A third of a point of top-1"),
                text("Several points of top-1"),
            ),
            right=1,
            why=text(
                "77.42 against 77.07: interaction helps, for C² parameters. Can one have it "
                "for less? That is the question that leads to ECA."
            ),
        ),
        picture=by_mechanism.accuracies("se_var2", "se_var3"),
        done=text("Interaction across channels helps, but a full matrix is a high price."),
        view=View(KERNELS, text("What attention costs"), lambda m: {state.KERNELS_TAB: "Costs"}),
        teacher=Teacher(
            needs=text("The step before."),
            ask=text(
                "ResNet-50 has 25.6 million parameters and 16 blocks. What would SE-Var3 add?"
            ),
            correction=text(
                "More parameters are not simply better: SE has more than SE-Var2 and "
                "scores lower in the paper."
            ),
        ),
    ),
    Step(
        id="groups",
        title=text("Groups: cheaper, and no better"),
        text=text(
            "A matrix becomes cheaper when the channels are cut into **groups** that do not "
            "interact: W becomes a row of blocks. SE-GC2 has groups of 16 channels. In the paper "
            "no grouping beats SE-Var2, which has no interaction at all."
        ),
        picture=by_mechanism.matrices("se_var2", "se_gc2", "se_var3"),
        done=text("Blocks that are cut off from each other do not pay."),
        view=View(
            MECHANISMS,
            text("What one channel changes"),
            lambda m: {state.MECHANISMS_TAB: "What one channel changes"},
        ),
        teacher=Teacher(
            needs=text("The matrices of three steps ago."),
            ask=text("Channel 15 and channel 16 are neighbours. Do they interact here?"),
            correction=text(
                "The size of the groups is not the cause: 16 groups, C/16 and C/8 groups "
                "come out alike."
            ),
        ),
    ),
    Step(
        id="band",
        title=text("The band: every gate has neighbours"),
        text=text(
            "**ECA-NS** gives each gate the **k nearest channels**, with k taps of its own. W is "
            "a band along the diagonal: neighbouring windows overlap, so that no border cuts "
            "channels off. It has k · C parameters, and in the paper it nearly reaches the full "
            "matrix."
        ),
        picture=by_mechanism.matrices("se_gc2", "eca_ns"),
        done=text("Local interaction with overlap is nearly as good as global interaction."),
        view=View(
            MECHANISMS,
            text("The same image through all"),
            lambda m: {state.MECHANISMS_TAB: "Same image through all"},
        ),
        teacher=Teacher(
            needs=text("The step before."),
            ask=text(
                "Nothing orders the channels of a network. Why may neighbours help all the same?"
            ),
            correction=text(
                "Eq. 6 of the paper writes the band beginning at the diagonal; the "
                "convolution centres it."
            ),
        ),
    ),
    Step(
        id="shared",
        title=text("ECA: all channels share the taps"),
        text=text(
            "**ECA** goes one step further: all channels use the **same k taps**. Then W y is a "
            "convolution along the channels,\n\n"
            r"$$\omega = \sigma(\mathrm{C1D}_k(y))$$"
            "\n\nand a layer has **k parameters**, three in place of millions. In the paper that "
            "is as accurate as the full matrix."
        ),
        picture=by_mechanism.matrices("eca_ns", "eca_k3"),
        done=text("ECA is a convolution over y: k parameters, no bottleneck, local interaction."),
        view=View(KERNELS, text("The taps of each layer"), lambda m: {state.KERNELS_TAB: "Taps"}),
        teacher=Teacher(
            needs=text("Convolution in one dimension."),
            ask=text("How can you see in the right matrix that the taps are shared?"),
            correction=text(
                "A listing that goes round the web creates the convolution inside the "
                "function: it draws new random taps at each call and learns nothing."
            ),
        ),
        short=True,
    ),
)
