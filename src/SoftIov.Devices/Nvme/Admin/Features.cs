using System.Buffers.Binary;
using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <summary>
/// Get and Set Features (NVMe 2.0, 5.15 and 5.27). Values are one controller's, and none of them is saved; the write protection of a
/// namespace is the subsystem's. Poller only.
/// </summary>
internal sealed class Features(NvmeController controller, AdminData data, DeferredCommands deferred, TimeProvider time)
{
    private const uint Save = 1u << 31;
    private const uint Changeable = 1 << 2;
    private const uint NamespaceSpecific = 1 << 1;
    private const int SelectDefault = 1;
    private const int SelectSaved = 2;
    private const int SelectCapabilities = 3;
    private const int TimestampBytes = 8;
    private const int HostBehaviorBytes = 512;

    private ref FeatureState State => ref controller.State.Features;

    /// <summary>Set Features.</summary>
    public CommandResult Set(SubmissionQueue queue, in SubmissionEntry command)
    {
        var id = (FeatureId)(byte)command.Dword10;
        if (!IsKnown(id))
            return NvmeStatus.InvalidField;
        if ((command.Dword10 & Save) != 0)
            return NvmeStatus.FeatureNotSaveable;
        NvmeStatus status = CheckScope(id, command.NamespaceId);
        if (status != NvmeStatus.Success)
            return status;
        uint value = command.Dword11;
        switch (id)
        {
            case FeatureId.NumberOfQueues:
                return SetQueues(value);
            case FeatureId.InterruptVectorConfiguration:
                return SetVector(value);
            case FeatureId.TemperatureThreshold:
                return SetThreshold(value);
            case FeatureId.PowerManagement when (value & 0x1f) != 0:
                return NvmeStatus.InvalidField;
            case FeatureId.Timestamp:
                return SetTimestamp(command);
            case FeatureId.HostIdentifier:
                return SetHostId(command);
            case FeatureId.HostBehavior:
                return SetHostBehavior(command);
            case FeatureId.ReservationPersistence or FeatureId.NamespaceWriteProtection:
                return SetOfNamespace(queue, id, command);
            default:
                Plain(id) = value;
                return CommandResult.Done;
        }
    }

    /// <summary>Get Features.</summary>
    public CommandResult Get(in SubmissionEntry command)
    {
        var id = (FeatureId)(byte)command.Dword10;
        int select = (int)(command.Dword10 >> 8) & 7;
        if (!IsKnown(id) || select > SelectCapabilities)
            return NvmeStatus.InvalidField;
        if (select == SelectCapabilities)
            return new CommandResult(NvmeStatus.Success, CapabilitiesOf(id));
        FeatureState values = select is SelectDefault or SelectSaved ? FeatureState.Default : State;
        switch (id)
        {
            case FeatureId.NumberOfQueues:
                uint pairs = (uint)(select == 0 ? controller.IoPairs : controller.AvailablePairs) - 1;
                return new CommandResult(NvmeStatus.Success, pairs | (pairs << 16));
            case FeatureId.InterruptVectorConfiguration:
                return GetVector(command.Dword11, values);
            case FeatureId.TemperatureThreshold when !IsThreshold(command.Dword11):
                return NvmeStatus.InvalidField;
            case FeatureId.TemperatureThreshold:
                return new CommandResult(NvmeStatus.Success, IsUnder(command.Dword11) ? values.UnderTemperature : values.OverTemperature);
            case FeatureId.Timestamp:
                return GetTimestamp(command, values);
            case FeatureId.HostIdentifier:
                return GetHostId(command, values);
            case FeatureId.HostBehavior:
                return GetHostBehavior(command, values);
            case FeatureId.ReservationPersistence or FeatureId.NamespaceWriteProtection:
                return GetOfNamespace(id, command);
            default:
                return new CommandResult(NvmeStatus.Success, Plain(ref values, id));
        }
    }

    private static bool IsKnown(FeatureId id) => id is FeatureId.Arbitration or FeatureId.PowerManagement or FeatureId.TemperatureThreshold
        or FeatureId.ErrorRecovery or FeatureId.VolatileWriteCache or FeatureId.NumberOfQueues or FeatureId.InterruptCoalescing
        or FeatureId.InterruptVectorConfiguration or FeatureId.WriteAtomicity or FeatureId.AsyncEventConfiguration or FeatureId.Timestamp
        or FeatureId.HostBehavior or FeatureId.HostIdentifier or FeatureId.ReservationNotificationMask or FeatureId.ReservationPersistence
        or FeatureId.NamespaceWriteProtection;

    /// <summary>Whether each namespace has a value of its own.</summary>
    public static bool IsOfNamespace(FeatureId id) => id is FeatureId.ReservationPersistence or FeatureId.NamespaceWriteProtection;

    private static uint CapabilitiesOf(FeatureId id) => IsOfNamespace(id) ? Changeable | NamespaceSpecific : Changeable;

    /// <summary>What is the controller's is set for no namespace, or for all at once (NVMe 1.4, 5.21).</summary>
    private NvmeStatus CheckScope(FeatureId id, uint namespaceId)
    {
        if (IsOfNamespace(id) || namespaceId is 0 or NvmeSubsystem.AllNamespaces)
            return NvmeStatus.Success;
        bool isValid = namespaceId <= (uint)controller.Subsystem.Settings.MaxNamespaces;
        return isValid ? NvmeStatus.FeatureNotNamespaceSpecific : NvmeStatus.InvalidNamespace;
    }

    private ref uint Plain(FeatureId id) => ref Plain(ref State, id);

    /// <summary>Where the value of a feature that is one number is kept.</summary>
    private static ref uint Plain(ref FeatureState state, FeatureId id)
    {
        switch (id)
        {
            case FeatureId.Arbitration:
                return ref state.Arbitration;
            case FeatureId.PowerManagement:
                return ref state.PowerManagement;
            case FeatureId.ErrorRecovery:
                return ref state.ErrorRecovery;
            case FeatureId.VolatileWriteCache:
                return ref state.VolatileWriteCache;
            case FeatureId.InterruptCoalescing:
                return ref state.InterruptCoalescing;
            case FeatureId.WriteAtomicity:
                return ref state.WriteAtomicity;
            case FeatureId.ReservationNotificationMask:
                return ref state.ReservationNoticeMask;
            default:
                return ref state.AsyncEvents;
        }
    }

    /// <summary>Grants what there is, once: not after I/O queues exist.</summary>
    private CommandResult SetQueues(uint value)
    {
        uint submissions = value & ushort.MaxValue;
        uint completions = value >> 16;
        if (submissions == ushort.MaxValue || completions == ushort.MaxValue)
            return NvmeStatus.InvalidField;
        if (controller.Queues.HasIoQueues)
            return NvmeStatus.CommandSequenceError;
        uint wanted = Math.Max(submissions, completions) + 1;
        uint granted = Math.Min(wanted, (uint)controller.AvailablePairs);
        State.GrantedPairs = granted;
        return new CommandResult(NvmeStatus.Success, (granted - 1) | ((granted - 1) << 16));
    }

    private NvmeStatus SetVector(uint value)
    {
        int vector = (int)(value & ushort.MaxValue);
        if (vector >= controller.VectorCount)
            return NvmeStatus.InvalidField;
        State.CoalescingDisabled.Set(vector, (value >> 16 & 1) != 0);
        return NvmeStatus.Success;
    }

    private CommandResult GetVector(uint value, in FeatureState values)
    {
        int vector = (int)(value & ushort.MaxValue);
        if (vector >= controller.VectorCount)
            return NvmeStatus.InvalidField;
        return new CommandResult(NvmeStatus.Success, (uint)vector | (values.CoalescingDisabled.IsSet(vector) ? 1u << 16 : 0));
    }

    /// <summary>The composite temperature alone, and all sensors of which there are none, have a threshold.</summary>
    private NvmeStatus SetThreshold(uint value)
    {
        if (!IsThreshold(value))
            return NvmeStatus.InvalidField;
        if (IsUnder(value))
            State.UnderTemperature = value & ushort.MaxValue;
        else
            State.OverTemperature = value & ushort.MaxValue;
        return NvmeStatus.Success;
    }

    private static bool IsThreshold(uint value) => (value >> 16 & 0xf) is 0 or 0xf && (value >> 20 & 3) <= 1;

    private static bool IsUnder(uint value) => (value >> 20 & 3) == 1;

    private NvmeStatus SetTimestamp(in SubmissionEntry command)
    {
        const ulong Mask = (1UL << 48) - 1;
        Span<byte> bytes = stackalloc byte[TimestampBytes];
        NvmeStatus status = data.Read(command, bytes);
        if (status != NvmeStatus.Success)
            return status;
        State.TimestampMilliseconds = BinaryPrimitives.ReadUInt64LittleEndian(bytes) & Mask;
        State.TimestampTicks = time.GetTimestamp();
        State.TimestampOrigin = 1;
        controller.Subsystem.RecordTimestamp(controller.Id, State.TimestampMilliseconds);
        return NvmeStatus.Success;
    }

    /// <summary>What the host set, counted on; bits 51:49 say that it did.</summary>
    private NvmeStatus GetTimestamp(in SubmissionEntry command, in FeatureState values)
    {
        ulong elapsed = values.TimestampOrigin == 0 ? 0 : (ulong)time.GetElapsedTime(values.TimestampTicks).TotalMilliseconds;
        Span<byte> bytes = stackalloc byte[TimestampBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (values.TimestampMilliseconds + elapsed) | ((ulong)values.TimestampOrigin << 49));
        return data.Write(command, bytes);
    }

    /// <summary>Host Behavior Support (NVMe 1.4, 5.21.1.22): ACRE in byte 0; the rest is reserved.</summary>
    private NvmeStatus SetHostBehavior(in SubmissionEntry command)
    {
        Span<byte> bytes = stackalloc byte[HostBehaviorBytes];
        NvmeStatus status = data.Read(command, bytes);
        if (status != NvmeStatus.Success)
            return status;
        if (bytes[0] > 1)
            return NvmeStatus.InvalidField;
        State.AdvancedRetry = bytes[0];
        return NvmeStatus.Success;
    }

    private NvmeStatus GetHostBehavior(in SubmissionEntry command, in FeatureState values)
    {
        Span<byte> bytes = stackalloc byte[HostBehaviorBytes];
        bytes.Clear();
        bytes[0] = values.AdvancedRetry;
        return data.Write(command, bytes);
    }

    /// <summary>64 bits, or 128 with EXHID. Not while the host is a registrant by its old one (NVMe 2.0, 5.27.1.25).</summary>
    private NvmeStatus SetHostId(in SubmissionEntry command)
    {
        bool isExtended = (command.Dword11 & 1) != 0;
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        NvmeStatus status = data.Read(command, isExtended ? bytes : bytes[..8]);
        if (status != NvmeStatus.Success)
            return status;
        ulong low = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        ulong high = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
        if ((low | high) == 0)
            return NvmeStatus.InvalidField;
        bool isSet = (State.HostIdLow | State.HostIdHigh) != 0;
        if (isSet && (State.HostIdLow != low || State.HostIdHigh != high))
            return NvmeStatus.CommandSequenceError;
        State.HostIdLow = low;
        State.HostIdHigh = high;
        State.IsHostIdExtended = isExtended ? 1u : 0;
        controller.Subsystem.SetHost(controller.Id, State.HostId);
        return NvmeStatus.Success;
    }

    private NvmeStatus GetHostId(in SubmissionEntry command, in FeatureState values)
    {
        bool isExtended = (command.Dword11 & 1) != 0;
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, values.HostIdLow);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], values.HostIdHigh);
        return data.Write(command, isExtended ? bytes : bytes[..8]);
    }

    private CommandResult SetOfNamespace(SubmissionQueue queue, FeatureId id, in SubmissionEntry command)
    {
        if (controller.Subsystem.Attached(controller.Id)[command.NamespaceId] is not { } space)
            return NvmeStatus.InvalidNamespace;
        uint value = command.Dword11;
        return deferred.Start(queue, command, () => id == FeatureId.NamespaceWriteProtection
            ? controller.Subsystem.SetWriteProtection(space.Id, (WriteProtection)(value & 7))
            : space.Reservations.SetPersistence((value & 1) != 0));
    }

    private CommandResult GetOfNamespace(FeatureId id, in SubmissionEntry command)
    {
        if (controller.Subsystem.Attached(controller.Id)[command.NamespaceId] is not { } space)
            return NvmeStatus.InvalidNamespace;
        uint value = id == FeatureId.NamespaceWriteProtection ? (uint)space.Protection : space.Reservations.State.IsPersistent ? 1u : 0;
        return new CommandResult(NvmeStatus.Success, value);
    }
}
