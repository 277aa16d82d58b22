using System.Buffers.Binary;
using SoftIov.Devices.Nvme;
using SoftIov.Devices.Nvme.Spec;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme.Subsystem;

/// <summary>Secondary controllers: who is online with what, what moves it, and every error of Virtualization Management.</summary>
public sealed class SecondaryControllerTests
{
    private const int Allocate = 1;
    private const int Offline = 7;
    private const int Assign = 8;
    private const int Online = 9;
    private const int Queues = 0;
    private const int Interrupts = 1;

    private static readonly SubsystemSettings Managed = SubsystemFixture.Default with
    {
        VfMode = VfMode.Managed,
        PrimaryQueues = 3,
        PrimaryInterrupts = 2,
        VfQueues = 5,
        VfInterrupts = 4,
        FlexibleQueues = 12,
        FlexibleInterrupts = 10,
    };

    private readonly SubsystemFixture _fixture = new(Managed);

    private SecondaryControllers Secondaries => _fixture.Subsystem.Secondaries;

    [Fact]
    public void Automatic_secondaries_are_online_while_their_VF_is_enabled()
    {
        var fixture = new SubsystemFixture();
        SecondaryControllers secondaries = fixture.Subsystem.Secondaries;
        Assert.False(secondaries[0].IsOnline);

        secondaries.VfsEnabled(2);
        Assert.Equal(["online"], fixture.Controllers[SubsystemFixture.Vf1].Take());
        Assert.Equal(new SecondaryState(true, true, new ControllerResources(9, 9)), secondaries[1]);
        Assert.False(secondaries[2].IsOnline);

        secondaries.PrimaryDisabled();
        secondaries.VfsEnabled(1);
        Assert.Equal(["offline"], fixture.Controllers[SubsystemFixture.Vf1].Take());
        Assert.Equal(["online"], fixture.Controllers[SubsystemFixture.Vf0].Take());
        Assert.Equal(new SecondaryState(false, false, new ControllerResources(9, 9)), secondaries[1]);
    }

    [Fact]
    public void Automatic_secondaries_go_offline_and_online_when_told_but_have_nothing_to_assign()
    {
        var fixture = new SubsystemFixture();
        SecondaryControllers secondaries = fixture.Subsystem.Secondaries;
        secondaries.VfsEnabled(1);

        Assert.Equal(NvmeStatus.Success, secondaries.Execute(Command(Offline, SubsystemFixture.Vf0), 0, out _));
        Assert.False(secondaries[0].IsOnline);
        Assert.Equal(NvmeStatus.InvalidResourceId, secondaries.Execute(Command(Assign, SubsystemFixture.Vf0), 2, out _));
        Assert.Equal(NvmeStatus.InvalidResourceId, secondaries.Execute(Command(Allocate, ControllerId.Primary), 0, out _));
        Assert.Equal(NvmeStatus.Success, secondaries.Execute(Command(Online, SubsystemFixture.Vf0), 0, out _));
        Assert.Equal(["online", "offline", "online"], fixture.Controllers[SubsystemFixture.Vf0].Take());
        Assert.Equal(NvmeStatus.InvalidSecondaryState, secondaries.Execute(Command(Online, SubsystemFixture.Vf1), 0, out _));
    }

    [Fact]
    public void Whoever_watches_hears_what_the_host_switches_and_not_what_comes_with_the_VFs()
    {
        var heard = new List<string>();
        Secondaries.Switched += (vf, isOnline) => heard.Add($"{vf} {isOnline}");
        BringOnline();
        Execute(NvmeStatus.Success, Online, SubsystemFixture.Vf1);
        Execute(NvmeStatus.Success, Offline, SubsystemFixture.Vf1);
        Execute(NvmeStatus.Success, Offline, SubsystemFixture.Vf1);
        Assert.Equal(["1 True", "1 False"], heard);

        BringOnline();
        Secondaries.PrimaryReset();
        BringOnline();
        Secondaries.VfsEnabled(0);
        Assert.Equal(["1 True", "1 False", "1 True", "1 False", "1 True"], heard);
    }

    [Fact]
    public void N061_A_managed_secondary_goes_online_with_two_queues_and_an_interrupt_once_its_VF_is_enabled()
    {
        Execute(NvmeStatus.InvalidSecondaryState, Online, SubsystemFixture.Vf0);
        Secondaries.VfsEnabled(1);
        Execute(NvmeStatus.InvalidSecondaryState, Online, SubsystemFixture.Vf0);
        Execute(NvmeStatus.Success, Assign, SubsystemFixture.Vf0, Queues, 2);
        Execute(NvmeStatus.InvalidSecondaryState, Online, SubsystemFixture.Vf0);
        Execute(NvmeStatus.Success, Assign, SubsystemFixture.Vf0, Interrupts, 1);
        Execute(NvmeStatus.Success, Online, SubsystemFixture.Vf0);
        Execute(NvmeStatus.Success, Online, SubsystemFixture.Vf0);

        Assert.Equal(new SecondaryState(true, true, new ControllerResources(2, 1)), Secondaries[0]);
        Assert.Equal(["resources", "resources", "online"], _fixture.Controllers[SubsystemFixture.Vf0].Take());

        Give(1, 2, 1);
        Execute(NvmeStatus.InvalidSecondaryState, Online, SubsystemFixture.Vf1);
    }

    [Fact]
    public void N061_Every_error_of_the_table()
    {
        Secondaries.VfsEnabled(4);
        ushort[] strangers = [0, ControllerId.Primary, 6, ushort.MaxValue];
        foreach (ushort stranger in strangers)
        {
            Execute(NvmeStatus.InvalidControllerId, Offline, stranger);
            Execute(NvmeStatus.InvalidControllerId, Online, stranger);
            Execute(NvmeStatus.InvalidControllerId, Assign, stranger, Queues, 1);
        }

        Execute(NvmeStatus.InvalidControllerId, Allocate, SubsystemFixture.Vf0, Queues, 1);
        Execute(NvmeStatus.InvalidNumberOfResources, Allocate, ControllerId.Primary, Queues, 13);
        Execute(NvmeStatus.InvalidResourceId, Allocate, ControllerId.Primary, 2, 1);
        Execute(NvmeStatus.InvalidResourceId, Assign, SubsystemFixture.Vf0, 7, 1);
        Execute(NvmeStatus.InvalidNumberOfResources, Assign, SubsystemFixture.Vf0, Queues, 6);
        Execute(NvmeStatus.InvalidNumberOfResources, Assign, SubsystemFixture.Vf0, Interrupts, 5);
        foreach (int action in (int[])[0, 2, 6, 10, 15])
            Execute(NvmeStatus.InvalidField, action, SubsystemFixture.Vf0);

        Give(0, 5, 4);
        Give(1, 5, 4);
        Execute(NvmeStatus.InvalidResourceId, Assign, ControllerId.OfVf(2), Queues, 3);
        Execute(NvmeStatus.InvalidResourceId, Assign, ControllerId.OfVf(2), Interrupts, 3);
        Execute(NvmeStatus.InvalidResourceId, Allocate, ControllerId.Primary, Queues, 3);
        Execute(NvmeStatus.Success, Online, SubsystemFixture.Vf0);
        Execute(NvmeStatus.InvalidSecondaryState, Assign, SubsystemFixture.Vf0, Queues, 2);
        Execute(NvmeStatus.Success, Offline, SubsystemFixture.Vf0);
        Assert.Equal(new ControllerResources(0, 0), Secondaries[0].Resources);
        Execute(NvmeStatus.Success, Assign, ControllerId.OfVf(2), Queues, 3);
    }

    [Fact]
    public void N061_Assigning_again_replaces_what_there_was()
    {
        Give(0, 5, 4);
        Give(1, 5, 4);
        Execute(NvmeStatus.Success, Assign, SubsystemFixture.Vf0, Queues, 4);
        Execute(NvmeStatus.Success, Assign, SubsystemFixture.Vf0, Queues, 5);
        Execute(NvmeStatus.Success, Assign, SubsystemFixture.Vf0, Queues, 0);
        Execute(NvmeStatus.Success, Assign, ControllerId.OfVf(2), Queues, 5);
        Execute(NvmeStatus.Success, Assign, ControllerId.OfVf(3), Queues, 2);
    }

    [Fact]
    public void N060_Totals_are_what_is_assigned_allocated_and_free()
    {
        Execute(NvmeStatus.Success, Allocate, ControllerId.Primary, Queues, 4);
        Assert.Equal((12, 0, 0, 3, 5, 1), Primary(32));
        Give(0, 5, 4);
        Execute(NvmeStatus.Success, Assign, SubsystemFixture.Vf1, Queues, 3);

        // What the primary gets at its next reset is nobody else's already.
        Execute(NvmeStatus.InvalidResourceId, Assign, ControllerId.OfVf(2), Queues, 1);
        Assert.Equal((12, 8, 0, 3, 5, 1), Primary(32));
        Assert.Equal((10, 4, 0, 2, 4, 1), Primary(64));
        Assert.Equal(new ControllerResources(3, 2), Secondaries.Resources(ControllerId.Primary));

        Secondaries.PrimaryDisabled();
        Assert.Equal(3, Secondaries.Resources(ControllerId.Primary).Queues);
        Secondaries.PrimaryReset();
        Assert.Equal((12, 0, 4, 3, 5, 1), Primary(32));
        Assert.Equal(new ControllerResources(7, 2), Secondaries.Resources(ControllerId.Primary));
    }

    [Fact]
    public void N060_Automatic_mode_has_nothing_flexible()
    {
        var fixture = new SubsystemFixture();
        var data = new byte[NvmeSubsystem.IdentifyLength];
        fixture.Subsystem.Secondaries.DescribePrimary(data);
        Assert.Equal(0, data[4]);
        Assert.Equal((0, 0, 0, 17, 0, 0), Resources(data, 32));
    }

    [Theory]
    [InlineData("VFE clear", 0, false)]
    [InlineData("NumVFs 1", 1, false)]
    [InlineData("FLR", 0, false)]
    [InlineData("NSSR", 0, false)]
    [InlineData("CC.EN", 2, true)]
    [InlineData("CC.EN", 0, false)]
    public void N063_What_the_primary_goes_through_takes_the_right_secondaries_offline(string what, int left, bool keeps)
    {
        var fixture = new SubsystemFixture(Managed with { PrimaryResetKeepsSecondaries = keeps });
        SecondaryControllers secondaries = fixture.Subsystem.Secondaries;
        secondaries.VfsEnabled(2);
        for (int vf = 0; vf < 2; vf++)
        {
            Assert.Equal(NvmeStatus.Success, secondaries.Execute(Command(Assign, ControllerId.OfVf(vf)), 5, out _));
            Assert.Equal(NvmeStatus.Success, secondaries.Execute(Command(Assign, ControllerId.OfVf(vf), Interrupts), 4, out _));
            Assert.Equal(NvmeStatus.Success, secondaries.Execute(Command(Online, ControllerId.OfVf(vf)), 0, out _));
            fixture.Controllers[ControllerId.OfVf(vf)].Take();
        }

        switch (what)
        {
            case "VFE clear": secondaries.VfsEnabled(0); break;
            case "NumVFs 1": secondaries.VfsEnabled(1); break;
            case "FLR": secondaries.PrimaryReset(); break;
            case "NSSR": fixture.Subsystem.Reset(); break;
            default: secondaries.PrimaryDisabled(); break;
        }

        for (int vf = 0; vf < 2; vf++)
        {
            bool isLeft = vf < left;
            Assert.Equal(isLeft, secondaries[vf].IsOnline);
            Assert.Equal(isLeft ? new ControllerResources(5, 4) : new ControllerResources(0, 0), secondaries[vf].Resources);
            string[] expected = [.. isLeft ? Array.Empty<string>() : ["offline"], .. what == "NSSR" ? ["reset"] : Array.Empty<string>()];
            Assert.Equal(expected, fixture.Controllers[ControllerId.OfVf(vf)].Take());
        }

        var data = new byte[NvmeSubsystem.IdentifyLength];
        secondaries.DescribePrimary(data);
        Assert.Equal(5 * left, Resources(data, 32).Assigned);
        Assert.Equal(4 * left, Resources(data, 64).Assigned);
    }

    [Fact]
    public void N065_What_is_assigned_is_what_the_controller_has()
    {
        Give(1, 5, 3);
        Assert.Equal(new ControllerResources(5, 3), Secondaries.Resources(SubsystemFixture.Vf1));
        Assert.Equal(["resources", "resources"], _fixture.Controllers[SubsystemFixture.Vf1].Take());
    }

    [Fact]
    public void N067_127_secondaries_are_listed_from_any_number_on()
    {
        var fixture = new SubsystemFixture(Managed with { TotalVfs = 127 });
        fixture.Subsystem.Secondaries.VfsEnabled(127);
        Assert.Equal(NvmeStatus.Success, fixture.Subsystem.Secondaries.Execute(Command(Assign, ControllerId.OfVf(126)), 5, out uint changed));
        Assert.Equal(5u, changed);
        var data = new byte[NvmeSubsystem.IdentifyLength];

        fixture.Subsystem.Secondaries.List(0, data);
        Assert.Equal(127, data[0]);
        Assert.Equal((2, 1, 0, 1, 0, 0), Entry(data, 0));
        Assert.Equal((128, 1, 0, 127, 5, 0), Entry(data, 126));

        data.AsSpan().Clear();
        fixture.Subsystem.Secondaries.List(128, data);
        Assert.Equal(1, data[0]);
        Assert.Equal((128, 1, 0, 127, 5, 0), Entry(data, 0));

        data.AsSpan().Clear();
        fixture.Subsystem.Secondaries.List(129, data);
        Assert.Equal(0, data[0]);
    }

    private void BringOnline()
    {
        Secondaries.VfsEnabled(2);
        Give(1, 2, 1);
        Execute(NvmeStatus.Success, Online, SubsystemFixture.Vf1);
    }

    private void Give(int vf, int queues, int interrupts)
    {
        Execute(NvmeStatus.Success, Assign, ControllerId.OfVf(vf), Queues, queues);
        Execute(NvmeStatus.Success, Assign, ControllerId.OfVf(vf), Interrupts, interrupts);
    }

    private void Execute(NvmeStatus expected, int action, ushort controller, int resource = Queues, int count = 0)
    {
        Assert.Equal(expected, Secondaries.Execute(Command(action, controller, resource), (uint)count, out uint changed));
        Assert.Equal(expected == NvmeStatus.Success && action is Allocate or Assign ? (uint)count : 0, changed);
    }

    private static uint Command(int action, ushort controller, int resource = Queues) =>
        (uint)action | ((uint)resource << 8) | ((uint)controller << 16);

    private (int Total, int Assigned, int Primary, int Private, int Most, int Granularity) Primary(int offset)
    {
        var data = new byte[NvmeSubsystem.IdentifyLength];
        Secondaries.DescribePrimary(data);
        Assert.Equal(3, data[4]);
        return Resources(data, offset);
    }

    private static (int Total, int Assigned, int Primary, int Private, int Most, int Granularity) Resources(byte[] data, int offset) => (
        BinaryPrimitives.ReadInt32LittleEndian(data.AsSpan(offset)), BinaryPrimitives.ReadInt32LittleEndian(data.AsSpan(offset + 4)),
        UInt16(data, offset + 8), UInt16(data, offset + 10), UInt16(data, offset + 12), UInt16(data, offset + 14));

    private static (int Id, int Primary, int State, int Vf, int Queues, int Interrupts) Entry(byte[] data, int index)
    {
        int at = 32 * (index + 1);
        return (UInt16(data, at), UInt16(data, at + 2), data[at + 4], UInt16(data, at + 8), UInt16(data, at + 10), UInt16(data, at + 12));
    }

    private static int UInt16(byte[] data, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(data.AsSpan(offset));
}
