using SoftIov.Devices.Nvme;
using SoftIov.Fuzz.Nvme;
using SoftIov.Lab.Nvme;
using SoftIov.Tests.Pcie;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme;

/// <summary>
/// Controllers that interrupt by their pin, at a VMM as QEMU is: it hears of a rise alone, takes the pin for high until its guest touches a
/// register, and asks then whether it still is.
/// </summary>
public sealed class PinTests : IDisposable
{
    private const int Page = 4096;
    private const byte MsiCapabilityId = 5;
    private const int MsiControl = 2;

    private readonly ControllerRig _rig = new(function: Settings(NvmeInterrupts.Intx));
    private readonly TakingSink _sink = new();
    private readonly BareController _controller;
    private readonly BarePair _admin;

    public PinTests()
    {
        _controller = new BareController(_rig.Endpoint, _rig.Memory) { Advance = () => _rig.Poll() };
        _admin = AdminPair(_rig, _controller);
        Assert.True(_controller.Enable(_admin));
        _rig.Endpoint.Interrupts = _sink;
    }

    public void Dispose()
    {
        _rig.Endpoint.Interrupts = null;
        _rig.Dispose();
    }

    [Fact]
    public void N009_The_doorbell_lowers_the_pin_before_the_poller_has_seen_it()
    {
        Complete();
        Assert.Equal(1, _sink.Intx);
        Assert.True(_rig.Endpoint.IntxAsserted);
        Assert.True(_admin.TryTake(out _));
        _admin.Release();
        Assert.False(_rig.Endpoint.IntxAsserted);
    }

    [Fact]
    public void N009_A_completion_after_the_doorbell_raises_it_again()
    {
        for (int i = 1; i < 20; i++)
        {
            Complete();
            Assert.Equal(i, _sink.Intx);
            Assert.True(_admin.TryTake(out _));
            _admin.Release();
        }
    }

    [Fact]
    public void N009_What_is_left_unread_keeps_the_pin_up()
    {
        Complete();
        Complete();
        Assert.True(_admin.TryTake(out _));
        _admin.Release();
        Assert.True(_rig.Endpoint.IntxAsserted);
        Assert.True(_admin.TryTake(out _));
        _admin.Release();
        Assert.False(_rig.Endpoint.IntxAsserted);
    }

    [Theory]
    [InlineData(NvmeInterrupts.Intx, false)]
    [InlineData(NvmeInterrupts.Msi, true)]
    [InlineData(NvmeInterrupts.Msix, true)]
    internal void A_controller_with_a_pin_alone_has_its_doorbells_trapped(NvmeInterrupts interrupts, bool isShared)
    {
        using var rig = new ControllerRig(function: Settings(interrupts) with { Doorbells = DoorbellMode.Shared });
        Assert.Equal(isShared, rig.Function.Description.Shared is not null);
    }

    [Fact]
    public void N030_A_controller_with_a_pin_alone_has_no_shadow_doorbells()
    {
        using var rig = new ControllerRig(function: Settings(NvmeInterrupts.Intx));
        rig.Driver.Enable();
        Assert.False(OffersShadowDoorbells(rig));
        Assert.True(rig.Driver.UseShadowDoorbells().Status.Is(0, 0x01));
        rig.AddDisk().Flush().Check("flush");
    }

    [Fact]
    public void N030_One_with_messages_has_them_once_messages_are_enabled()
    {
        using var rig = new ControllerRig(function: Settings(NvmeInterrupts.Msi));
        rig.Driver.Enable();
        Assert.True(OffersShadowDoorbells(rig));
        Assert.True(rig.Driver.UseShadowDoorbells().Status.Is(0, 0x01));
        rig.Endpoint.Write16(rig.Endpoint.FindCapability(MsiCapabilityId) + MsiControl, 1);
        rig.Driver.UseShadowDoorbells().Check("shadow doorbells");
    }

    private void Complete()
    {
        _admin.Put(AdminCommand.KeepAlive());
        _admin.Ring();
        _rig.Poll();
    }

    private static bool OffersShadowDoorbells(ControllerRig rig) =>
        (rig.Driver.Admin.IdentifyController().OptionalAdminCommands & 1 << 8) != 0;

    private static NvmeFunctionSettings Settings(NvmeInterrupts interrupts) => new() { Name = "disk0/pf", Interrupts = interrupts };

    private static BarePair AdminPair(ControllerRig rig, BareController controller)
    {
        ulong memory = rig.Memory.Allocate(2 * Page, Page);
        return new BarePair(controller, 0, memory, 8, memory + Page, 8);
    }
}
