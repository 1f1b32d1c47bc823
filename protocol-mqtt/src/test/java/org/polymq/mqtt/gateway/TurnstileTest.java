/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class TurnstileTest {
    private final Turnstile turnstile = new Turnstile(2);
    private final List<String> let = new ArrayList<>();
    private final Queue<Runnable> later = new ArrayDeque<>();

    private Turnstile.Turn enter(String name) {
        Turnstile.Turn turn = turnstile.turn(later::add, () -> let.add(name));
        turn.enter();
        return turn;
    }

    private void runLater() {
        while (!later.isEmpty()) {
            later.remove().run();
        }
    }

    @Test
    void asManyAsThereIsRoomForEnterAtOnceAndTheOthersInOrder() {
        Turnstile.Turn first = enter("a");
        Turnstile.Turn second = enter("b");
        enter("c");
        enter("d");
        assertThat(let).containsExactly("a", "b");
        assertThat(turnstile.waiting()).isEqualTo(2);

        second.leave();
        first.leave();
        runLater();

        assertThat(let).containsExactly("a", "b", "c", "d");
        assertThat(turnstile.waiting()).isZero();
    }

    @Test
    void leavingTwiceGivesUpOnePlace() {
        Turnstile.Turn first = enter("a");
        enter("b");
        enter("c");
        enter("d");

        first.leave();
        first.leave();
        runLater();

        assertThat(let).containsExactly("a", "b", "c");
    }

    @Test
    void whoeverIsGoneBeforeItsTurnIsPassedOver() {
        Turnstile.Turn first = enter("a");
        enter("b");
        Turnstile.Turn gone = enter("c");
        enter("d");

        gone.leave();
        first.leave();
        runLater();

        assertThat(let).containsExactly("a", "b", "d");
    }

    @Test
    void whoeverIsGoneBetweenItsTurnAndItsBeginGivesItOn() {
        Turnstile.Turn first = enter("a");
        enter("b");
        Turnstile.Turn gone = enter("c");
        enter("d");

        first.leave();
        gone.leave();
        runLater();

        assertThat(let).containsExactly("a", "b", "d");
    }
}
