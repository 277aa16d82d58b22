using System.Buffers.Binary;
using SoftIov.Memory;
using SoftIov.Pcie;
using Xunit;

namespace SoftIov.Tests.Pcie;

/// <summary>An adapter given away whole: what a kernel finds behind the one endpoint, and what it may do there.</summary>
public sealed class WholeAdapterTests : IDisposable
{
    private const ulong MemoryWindow = 0x8000_0000;
    private const int VmdBar2 = 0x18;
    private const int ExpressAt = 0x90;

    private readonly VirtualClock _clock = new() { Jumps = true };
    private readonly RegisterFactory _factory = new();
    private readonly RegisterPersonality _physical = new(RegisterPersonality.Describe(0x0010));
    private readonly SriovAdapter _adapter;

    public WholeAdapterTests()
    {
        _adapter = NewAdapter(totalVfs: 300);
        _adapter.StartAsync().Wait();
    }

    public void Dispose() => _adapter.Dispose();

    [Fact]
    public void The_face_is_one_that_linux_drives_and_qemu_has_no_quirk_for()
    {
        IEndpoint whole = _adapter.GiveAway();
        Assert.Equal(0x28C0_8086u, Config(whole, 0));
        Assert.Equal(0x01_0400u, Config(whole, 8) >> 8);
        Assert.Equal(0, whole.MsixVectorCount);
        Assert.Equal(0x0092_0010u, Config(whole, ExpressAt));
        Assert.Equal(0x0010_0000u, Config(whole, 4));
    }

    [Theory]
    [InlineData(16, 2)]
    [InlineData(300, 4)]
    [InlineData(1000, 8)]
    public void Configuration_window_holds_all_buses(int totalVfs, int buses)
    {
        using SriovAdapter adapter = NewAdapter(totalVfs);
        Assert.Equal((ulong)buses << 20, adapter.GiveAway().Bar(0).Size);
    }

    [Fact]
    public void A_small_adapter_fits_into_the_windows_of_a_free_port()
    {
        const ulong Window = 2 << 20;
        using SriovAdapter adapter = NewAdapter(16);
        IEndpoint whole = adapter.GiveAway();
        Assert.True(whole.Bar(0).Size <= Window, $"prefetchable: {whole.Bar(0).Size}");
        Assert.True(whole.Bar(2).Size + whole.Bar(4).Size <= Window, $"memory: {whole.Bar(2).Size} and {whole.Bar(4).Size}");
    }

    [Fact]
    public async Task A_kernel_enumerates_and_enables_vfs_over_several_buses()
    {
        IEndpoint whole = _adapter.GiveAway();
        var driver = new PfDriver(new DomainConfigAccess(whole), RootComplex.PortId(0), _clock);
        await driver.ProbeAsync(CancellationToken.None);
        Assert.Equal(300, driver.TotalVfs);
        await driver.EnableAsync(300, null, CancellationToken.None);
        Assert.Equal(300, _adapter.VfCount);
        Assert.Equal(300, _factory.EnabledVfs);
        Assert.Equal(0, _adapter.NumVfs);

        await driver.DisableAsync(null, CancellationToken.None);
        Assert.Equal(0, _adapter.VfCount);
        Assert.Equal(1, _factory.DisabledCount);
    }

    [Fact]
    public void Absent_functions_read_all_ones_but_for_their_header_type()
    {
        var access = new DomainConfigAccess(_adapter.GiveAway());
        Assert.Equal(uint.MaxValue, access.Read(new(0x0305), 0, 4));
        Assert.Equal(0u, access.Read(new(0x0305), 0x0E, 1));
    }

    [Fact]
    public async Task Functions_that_are_there_and_do_not_answer_read_all_ones_in_their_header_type_too()
    {
        var access = new DomainConfigAccess(_adapter.GiveAway());
        var driver = new PfDriver(access, RootComplex.PortId(0), _clock);
        await driver.ProbeAsync(CancellationToken.None);
        await driver.EnableAsync(2, null, CancellationToken.None);
        RequesterId[] functions = [new(0x0100), new(0x0102)];
        Assert.All(functions, function => Assert.Equal(0u, access.Read(function, 0x0E, 1)));

        _adapter.Injector.ReadAllOnes(null, 2);
        _adapter.Injector.RetryConfig(1, TimeSpan.FromSeconds(1));
        Assert.All(functions, function => Assert.Equal(0xFFu, access.Read(function, 0x0E, 1)));
        Assert.Equal(0u, access.Read(new(0x0103), 0x0E, 1));

        _adapter.Injector.IsLinkDown = true;
        Assert.All(functions, function => Assert.Equal(0u, access.Read(function, 0x0E, 1)));
    }

    [Fact]
    public async Task Memory_windows_lead_to_the_functions()
    {
        IEndpoint whole = _adapter.GiveAway();
        WriteConfig(whole, VmdBar2, (uint)MemoryWindow);
        var driver = new PfDriver(new DomainConfigAccess(whole), RootComplex.PortId(0), _clock);
        await driver.ProbeAsync(CancellationToken.None);

        // The enumerator put the PF's BAR 2, the only one for a 32-bit window, at its start.
        whole.WriteBar(2, 0x10, [1, 2, 3, 4]);
        byte[] back = new byte[4];
        whole.ReadBar(2, 0x10, back);
        Assert.Equal([1, 2, 3, 4], back);
        whole.ReadBar(2, whole.Bar(2).Size - 4, back);
        Assert.Equal([0xFF, 0xFF, 0xFF, 0xFF], back);
    }

    [Fact]
    public async Task Functions_share_the_clients_memory_behind_their_own_bus_master_bits()
    {
        using var memory = new NativeHostMemory(4096);
        IEndpoint whole = _adapter.GiveAway();
        whole.Dma.Map(0x1000, 4096, DmaAccess.Read | DmaAccess.Write, memory, 0);
        WriteConfig(whole, 4, CommandBits.MemorySpace | CommandBits.BusMaster);
        var access = new DomainConfigAccess(whole);
        var driver = new PfDriver(access, RootComplex.PortId(0), _clock);
        await driver.ProbeAsync(CancellationToken.None);
        await driver.EnableAsync(2, null, CancellationToken.None);
        access.Write(new(0x0101), 4, 2, 4);
        access.Read(new(0x0102), 4, 4);

        Assert.True(_factory.Made[0].TryDma(0x1010, 0x5A));
        Assert.Equal(0x5A, memory.Bytes[0x10]);
        Assert.False(_factory.Made[1].TryDma(0x1010, 1));
        Assert.False(_factory.Made[0].TryDma(0x3000, 1));

        // The endpoint's own bit comes before them all.
        WriteConfig(whole, 4, CommandBits.MemorySpace);
        Assert.False(_factory.Made[0].TryDma(0x1010, 1));
        WriteConfig(whole, 4, CommandBits.MemorySpace | CommandBits.BusMaster);
        Assert.True(_factory.Made[0].TryDma(0x1010, 0x5B));
    }

    [Fact]
    public void An_endpoint_whose_adapter_is_gone_does_no_harm()
    {
        IEndpoint whole = _adapter.GiveAway();
        _adapter.Dispose();
        byte[] back = new byte[4];
        whole.ReadBar(0, 0, back);
        Assert.Equal([0xFF, 0xFF, 0xFF, 0xFF], back);
        whole.WriteBar(0, 4, back);
        whole.WriteBar(2, 0, back);
        WriteConfig(whole, 4, CommandBits.BusMaster);
        whole.Reset();
        whole.ColdReset();
        whole.Interrupts = null;
        Assert.False(whole.Dma.BusMasterEnable);
    }

    [Fact]
    public async Task Interrupts_are_the_functions_own_messages()
    {
        IEndpoint whole = _adapter.GiveAway();
        var sink = new MessageSink();
        whole.Interrupts = sink;
        WriteConfig(whole, 4, CommandBits.MemorySpace | CommandBits.BusMaster);
        WriteConfig(whole, VmdBar2, (uint)MemoryWindow);
        var access = new DomainConfigAccess(whole);
        var driver = new PfDriver(access, RootComplex.PortId(0), _clock);
        await driver.ProbeAsync(CancellationToken.None);
        await driver.EnableAsync(1, null, CancellationToken.None);
        PciFunction vf = _adapter.Device.Vf(0, 0)!;
        vf.WriteBar(0, RegisterPersonality.TableOffset, [0x00, 0x10, 0xE0, 0xFE]);
        vf.WriteBar(0, RegisterPersonality.TableOffset + 8, [0x41, 0, 0, 0]);
        vf.WriteBar(0, RegisterPersonality.TableOffset + 12, [0, 0, 0, 0]);
        var port = new ConfigPort(access, new(0x0101));
        port.Write16(4, CommandBits.BusMaster);
        port.Write16(port.FindCapability(0x11) + 2, 0x8000);

        vf.Fire(0);
        Assert.Equal([(0xFEE0_1000UL, 0x41u)], sink.Messages);
        WriteConfig(whole, 4, CommandBits.MemorySpace);
        vf.Fire(0);
        Assert.Single(sink.Messages);
    }

    [Fact]
    public async Task Msi_of_a_function_is_its_own_message_with_the_vector_in_it()
    {
        using SriovAdapter adapter = NewAdapter(8, new RegisterFactory(vectors: 0, msi: 4));
        await adapter.StartAsync();
        IEndpoint whole = adapter.GiveAway();
        Assert.Equal(0, whole.MsiVectorCount);
        var sink = new MessageSink();
        whole.Interrupts = sink;
        WriteConfig(whole, 4, CommandBits.MemorySpace | CommandBits.BusMaster);
        var access = new DomainConfigAccess(whole);
        var driver = new PfDriver(access, RootComplex.PortId(0), _clock);
        await driver.ProbeAsync(CancellationToken.None);
        await driver.EnableAsync(1, null, CancellationToken.None);
        var port = new ConfigPort(access, new(0x0101));
        int msi = port.FindCapability(0x05);
        port.Write32(msi + 0x04, 0xFEE0_1000);
        port.Write16(msi + 0x0C, 0x40);
        port.Write16(msi + 0x02, 1 | 2 << 4);
        port.Write16(4, CommandBits.BusMaster);

        adapter.Device.Vf(0, 0)!.Fire(3);
        Assert.Equal([(0xFEE0_1000UL, 0x43u)], sink.Messages);
        WriteConfig(whole, 4, CommandBits.MemorySpace);
        adapter.Device.Vf(0, 0)!.Fire(3);
        Assert.Single(sink.Messages);
    }

    [Fact]
    public async Task Msi_of_a_function_is_remapped_to_the_vector_that_its_address_names()
    {
        using SriovAdapter adapter = NewAdapter(8, new RegisterFactory(vectors: 0, msi: 1));
        await adapter.StartAsync();
        IEndpoint whole = adapter.GiveAway(WholeInterrupts.Remapped);
        var sink = new TakingSink { Takes = { 3 } };
        whole.Interrupts = sink;
        WriteConfig(whole, 4, CommandBits.MemorySpace | CommandBits.BusMaster);
        var access = new DomainConfigAccess(whole);
        var driver = new PfDriver(access, RootComplex.PortId(0), _clock);
        await driver.ProbeAsync(CancellationToken.None);
        await driver.EnableAsync(1, null, CancellationToken.None);
        var port = new ConfigPort(access, new(0x0101));
        port.Write32(port.FindCapability(0x05) + 0x04, 0xFEE0_3000);
        port.Write16(port.FindCapability(0x05) + 0x02, 1);
        port.Write16(4, CommandBits.BusMaster);

        adapter.Device.Vf(0, 0)!.Fire(0);
        Assert.Equal([3], sink.Got);
    }

    [Fact]
    public async Task Remapped_interrupts_are_vectors_of_the_endpoint()
    {
        IEndpoint whole = _adapter.GiveAway(WholeInterrupts.Remapped);
        Assert.Equal(0xA77F_8086u, Config(whole, 0));
        Assert.Equal(16, whole.MsixVectorCount);
        Assert.Equal(0x0092_8010u, Config(whole, ExpressAt));
        Assert.Equal(0x000F_0011u, Config(whole, 0x80));
        WriteConfig(whole, 0x80, 0xFFFF_FFFF);
        Assert.Equal(0xC00F_0011u, Config(whole, 0x80));
        var sink = new TakingSink { Takes = { 3 } };
        whole.Interrupts = sink;
        WriteConfig(whole, 4, CommandBits.MemorySpace | CommandBits.BusMaster);
        var access = new DomainConfigAccess(whole);
        var driver = new PfDriver(access, RootComplex.PortId(0), _clock);
        await driver.ProbeAsync(CancellationToken.None);
        await driver.EnableAsync(1, null, CancellationToken.None);
        PciFunction vf = _adapter.Device.Vf(0, 0)!;
        vf.WriteBar(0, RegisterPersonality.TableOffset, [0x00, 0x30, 0xE0, 0xFE]);
        vf.WriteBar(0, RegisterPersonality.TableOffset + 12, [0, 0, 0, 0]);
        var port = new ConfigPort(access, new(0x0101));
        port.Write16(4, CommandBits.BusMaster);
        port.Write16(port.FindCapability(0x11) + 2, 0x8000);

        vf.Fire(0);
        Assert.Equal([3], sink.Got);
    }

    [Fact]
    public async Task Messages_that_several_pollers_lose_are_all_counted()
    {
        const int Each = 2_000_000;
        var whole = (VmdEndpoint)_adapter.GiveAway();
        IMessageSignal signal = whole;
        using var start = new Barrier(2);
        await Task.WhenAll(Poll(), Poll());
        Assert.Equal(2 * Each, whole.LostMessages);

        Task Poll() => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                for (int i = 0; i < Each; i++)
                    signal.Send(new InterruptMessage(new(0x0101), 0xFEE0_1000, 0));
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    [Fact]
    public async Task Taken_back_the_adapter_is_the_daemons_again()
    {
        IEndpoint whole = _adapter.GiveAway();
        var driver = new PfDriver(new DomainConfigAccess(whole), RootComplex.PortId(0), _clock);
        await driver.ProbeAsync(CancellationToken.None);
        await driver.EnableAsync(4, null, CancellationToken.None);

        await _adapter.TakeBackAsync();
        Assert.Equal(0, _adapter.VfCount);
        await _adapter.EnableAsync(3);
        Assert.Equal(3, _adapter.NumVfs);
        Assert.Throws<InvalidOperationException>(() => _adapter.GiveAway());
    }

    [Fact]
    public async Task Reset_of_the_endpoint_by_its_own_register_or_by_the_client_ends_the_vfs()
    {
        IEndpoint whole = _adapter.GiveAway();
        foreach (Action reset in (Action[])[whole.Reset, () => WriteConfig(whole, ExpressAt + 8, 0x8000)])
        {
            var driver = new PfDriver(new DomainConfigAccess(whole), RootComplex.PortId(0), _clock);
            await driver.ProbeAsync(CancellationToken.None);
            await driver.EnableAsync(4, null, CancellationToken.None);
            Assert.Equal(4, _adapter.VfCount);
            reset();
            Assert.Equal(0, _adapter.VfCount);
        }
    }

    /// <summary>What one client masked hides no error from the next, nor from who has the functions singly.</summary>
    [Theory]
    [InlineData("reset")]
    [InlineData("next client")]
    [InlineData("taken back")]
    public async Task Sticky_registers_outlive_resets_and_not_the_client(string what)
    {
        const uint Masked = 1 << 12;
        _adapter.Physical.Write32(0x108, Masked);
        IEndpoint whole = _adapter.GiveAway();
        var access = new DomainConfigAccess(whole);
        var port = new ConfigPort(access, RootComplex.PortId(0));
        var pf = new ConfigPort(access, new(0x0100));
        await new PfDriver(access, RootComplex.PortId(0), _clock).ProbeAsync(CancellationToken.None);
        (int portAer, int pfAer) = (port.FindExtended(1), pf.FindExtended(1));
        Assert.Equal(AerCapability.InternalError, pf.Read32(pfAer + 8));
        port.Write32(portAer + 8, Masked);
        pf.Write32(pfAer + 8, Masked);
        _adapter.Complex.Port(0).Report(new(new(0x0100), ErrorSeverity.NonFatal));

        switch (what)
        {
            case "reset":
                whole.Reset();
                break;
            case "next client":
                whole.ColdReset();
                break;
            default:
                await _adapter.TakeBackAsync();
                access = new DomainConfigAccess(_adapter.GiveAway());
                break;
        }

        port = new ConfigPort(access, RootComplex.PortId(0));
        pf = new ConfigPort(access, new(0x0100));
        await new PfDriver(access, RootComplex.PortId(0), _clock).ProbeAsync(CancellationToken.None);
        uint left = what == "reset" ? Masked : AerCapability.InternalError;
        Assert.Equal((left, left), (port.Read32(portAer + 8), pf.Read32(pfAer + 8)));
        Assert.Equal(what == "reset" ? (0b010_0100u, 0x0100_0000u) : (0u, 0u), (port.Read32(portAer + 0x30), port.Read32(portAer + 0x34)));
    }

    [Fact]
    public void Vfs_whose_apertures_fit_nowhere_are_an_error() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => NewAdapter(65535).GiveAway());

    private static uint Config(IEndpoint endpoint, int offset)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        endpoint.ReadConfig(offset, bytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    private static void WriteConfig(IEndpoint endpoint, int offset, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        endpoint.WriteConfig(offset, bytes);
    }

    private SriovAdapter NewAdapter(int totalVfs, RegisterFactory? virtuals = null) => new(new SriovAdapterOptions
    {
        Name = "whole",
        Physical = _physical,
        Virtuals = virtuals ?? _factory,
        TotalVfs = totalVfs,
        State = new NativeStateStore(),
        Quiescence = new NoPollers(),
        Time = _clock,
    });
}
