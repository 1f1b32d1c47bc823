/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.polymq.bench.Fields;

class ChecklistTest {
    private final Checklist list = new Checklist(3);

    @Test
    void isCompleteOnceEveryNumberCame() {
        arrives(1, 0, 0, 0);
        arrives(1, 1, 0, 1);
        assertThat(list.complete()).isFalse();

        arrives(1, 2, 0, 2);

        assertThat(list.complete()).isTrue();
        assertThat(figures()).hasToString("missing=0 redelivered=0 stored_twice=0 out_of_order=0 unnumbered=0");
    }

    @Test
    void tellsARedeliveryFromASendThatWasRepeated() {
        arrives(1, 0, 0, 7);
        arrives(1, 0, 0, 7);
        arrives(1, 0, 0, 8);

        assertThat(figures()).hasToString("missing=2 redelivered=1 stored_twice=1 out_of_order=0 unnumbered=0");
    }

    @Test
    void missesOrderWithinASenderAndAQueueOnly() {
        arrives(1, 0, 0, 7);
        arrives(2, 1, 0, 6);
        arrives(1, 2, 1, 5);
        assertThat(figures().number("out_of_order", -1)).isZero();

        Checklist turned = new Checklist(2);
        turned.tick(body(1, 0), 0, 7);
        turned.tick(body(1, 1), 0, 6);
        assertThat(turned.figures(Fields.none()).number("out_of_order", -1)).isEqualTo(1);
    }

    @Test
    void countsWhatHasNoNumberApart() {
        list.tick(new byte[1], 0, 0);
        arrives(1, 3, 0, 1);

        assertThat(list.distinct()).isZero();
        assertThat(figures().number("unnumbered", -1)).isEqualTo(2);
    }

    private void arrives(int sender, long number, int queue, long offset) {
        list.tick(body(sender, number), queue, offset);
    }

    private static byte[] body(int sender, long number) {
        byte[] body = new byte[16];
        Checklist.number(body, sender, number);
        return body;
    }

    private Fields figures() {
        return list.figures(Fields.none());
    }
}
