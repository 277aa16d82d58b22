using SoftIov.Linux;
using SoftIov.Pcie;
using Xunit;

namespace SoftIov.Tests.Pcie;

/// <summary>
/// Pollers, transports and the control plane at once. State lies in memory files that are unmapped when a function goes, so that a late
/// access ends the process and is not overlooked.
/// </summary>
public class RaceTests
{
    private const int Cycles = 60;

    [Fact]
    public async Task Interrupts_may_come_at_any_time_while_vfs_come_and_go()
    {
        using MemfdStateStore state = new();
        using Fabric fabric = new(state: state);
        using CancellationTokenSource stop = new();
        IFunctionServices? current = null;
        long fired = 0;
        Task[] pollers = [.. Enumerable.Range(0, 2).Select(thread => Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                if (Volatile.Read(ref current) is not { } function)
                {
                    Thread.Yield();
                    continue;
                }

                function.Fire(1);
                _ = function.MessagesEnabled;
                function.UpdateIntx();
                Interlocked.Increment(ref fired);
                Thread.Yield();
            }
        }))];
        for (int i = 0; i < Cycles; i++)
        {
            TakingSink sink = OpenWithSink(fabric, i % 2 == 0);
            Volatile.Write(ref current, fabric.Factories[0].Made[0].Function);
            long before = Volatile.Read(ref fired);
            SpinWait.SpinUntil(() => Volatile.Read(ref fired) > before + 4);
            fabric.Disable();

            // From the acknowledgement of the write on, nothing comes any more.
            int signals = sink.Signals;
            int messages = fabric.Signal.Messages.Count;
            before = Volatile.Read(ref fired);
            SpinWait.SpinUntil(() => Volatile.Read(ref fired) > before + 4);
            Assert.Equal(signals, sink.Signals);
            Assert.Equal(messages, fabric.Signal.Messages.Count);
        }

        await stop.CancelAsync();
        await Task.WhenAll(pollers);
        Assert.NotEmpty(fabric.Signal.Messages);
    }

    [Fact]
    public async Task Clients_may_use_endpoints_while_they_go()
    {
        using MemfdStateStore state = new();
        using Fabric fabric = new(state: state);
        using CancellationTokenSource stop = new();
        IEndpoint? current = null;
        Task[] clients = [.. Enumerable.Range(0, 3).Select(
            seed => Task.Run(() => UseEndpoint(() => Volatile.Read(ref current), new Random(seed), stop.Token)))];
        int gone = 0;
        for (int i = 0; i < Cycles; i++)
        {
            fabric.Enable(2);
            IEndpoint endpoint = fabric.Device.Vf(0, i % 2)!.Endpoint;
            endpoint.Gone += () => Interlocked.Increment(ref gone);
            Volatile.Write(ref current, endpoint);
            _ = fabric.Vf(i % 2).Read32(4);
            Thread.Yield();
            if (i % 3 == 0)
                fabric.Pf().Write16(fabric.Pf().FindCapability(0x10) + 8, 1 << 15);
            else
                fabric.Disable();
            Assert.False(endpoint.IsPresent);
            Assert.Equal(i + 1, gone);
        }

        await stop.CancelAsync();
        await Task.WhenAll(clients);
    }

    [Fact]
    public async Task The_adapter_may_go_under_configuration_traffic()
    {
        for (int i = 0; i < 30; i++)
        {
            using MemfdStateStore state = new();
            Fabric fabric = new(state: state);
            fabric.Enable(4);
            using CancellationTokenSource stop = new();
            Task[] users = [.. Enumerable.Range(0, 2).Select(thread => Task.Run(() =>
            {
                while (!stop.IsCancellationRequested)
                {
                    _ = fabric.Complex.Read(new(0x0101), 4, 4);
                    fabric.Complex.Write(new(0x0101), 4, 2, 4);
                    _ = fabric.Complex.Read(RootComplex.PortId(0), 0, 4);
                    fabric.Write32(Fabric.InVf(0), 1);
                }
            }))];
            Thread.Yield();
            fabric.Dispose();
            fabric.Dispose();
            Assert.Equal(uint.MaxValue, fabric.Complex.Read(RootComplex.PortId(0), 0, 4));
            Assert.Equal(0xFFFFu, fabric.Complex.Read(new(0x0100), 0, 2));
            Assert.False(fabric.Write32(Fabric.InVf(0), 1));
            Assert.Null(fabric.Device.Vf(0, 0));
            fabric.Device.HotReset();
            await stop.CancelAsync();
            await Task.WhenAll(users);
            Assert.Null(state.FileOf("pf0/pcie"));
            Assert.Null(state.FileOf("pf0/0/pcie"));
            Assert.Null(state.FileOf("rc/port0"));
        }
    }

    private static TakingSink OpenWithSink(Fabric fabric, bool hasClient)
    {
        fabric.Enable(1);
        TakingSink sink = new();
        sink.Takes.Add(1);
        IEndpoint endpoint = fabric.Device.Vf(0, 0)!.Endpoint;
        if (hasClient)
            endpoint.Interrupts = sink;
        Fabric.BusMaster(fabric.Vf(0));
        fabric.Write32(Fabric.InVf(0, RegisterPersonality.TableOffset + 16 + 12), 0);
        fabric.Vf(0).Write16(fabric.Vf(0).FindCapability(0x11) + 2, MsixCapability.Enable);
        return sink;
    }

    private static void UseEndpoint(Func<IEndpoint?> current, Random random, CancellationToken stop)
    {
        byte[] bytes = new byte[64];
        while (!stop.IsCancellationRequested)
        {
            if (current() is not { } endpoint)
                continue;
            switch (random.Next(7))
            {
                case 0:
                    endpoint.ReadConfig(random.Next(0x100), bytes);
                    break;
                case 1:
                    endpoint.WriteConfig(4, [(byte)random.Next(256), 0]);
                    break;
                case 2:
                    endpoint.WriteBar(0, (ulong)random.Next(0x3F00), bytes);
                    break;
                case 3:
                    endpoint.ReadBar(0, (ulong)random.Next(0x3F00), bytes);
                    break;
                case 4:
                    endpoint.Interrupts = random.Next(2) == 0 ? null : new TakingSink();
                    break;
                case 5:
                    endpoint.MsixConnected(random.Next(8));
                    _ = endpoint.IntxAsserted;
                    break;
                default:
                    endpoint.Reset();
                    break;
            }
        }
    }
}
