using System.Buffers.Binary;
using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <summary>
/// The secondary controllers of a subsystem, one per VF: which are online, and with what (NVMe 1.4, 8.5). When <see cref="VfMode.Auto"/> they have
/// queues and interrupts of their own and are online while their VF is enabled, unless the host says otherwise; when
/// <see cref="VfMode.Managed"/> the primary controller's host assigns and sets online. Any thread.
/// </summary>
public sealed class SecondaryControllers
{
    private const int EntryLength = 32;

    private readonly Lock _gate = new();
    private readonly SubsystemSettings _settings;
    private readonly Func<ushort, IControllerEvents?> _events;
    private readonly FlexibleResource _queues;
    private readonly FlexibleResource _interrupts;
    private readonly bool[] _isOnline;
    private int _enabled;

    /// <summary>No VF is enabled.</summary>
    internal SecondaryControllers(SubsystemSettings settings, Func<ushort, IControllerEvents?> events)
    {
        _settings = settings;
        _events = events;
        int vfs = settings.TotalVfs;
        _queues = new FlexibleResource(IsManaged ? settings.FlexibleQueues : 0, settings.PrimaryQueues, settings.VfQueues, vfs);
        _interrupts = new FlexibleResource(IsManaged ? settings.FlexibleInterrupts : 0, settings.PrimaryInterrupts, settings.VfInterrupts, vfs);
        _isOnline = new bool[vfs];
    }

    /// <summary>
    /// The primary controller's host set the controller of a VF online, or it went offline other than with its VF. Raised with a lock held:
    /// handlers return at once, and ask nothing here.
    /// </summary>
    public event Action<int, bool>? Switched;

    /// <summary>VFs that are enabled: VF Enable is set and NumVFs is so many.</summary>
    public int EnabledVfs
    {
        get
        {
            lock (_gate)
                return _enabled;
        }
    }

    private bool IsManaged => _settings.VfMode == VfMode.Managed;

    /// <summary>The secondary controller of a VF, counted from 0.</summary>
    public SecondaryState this[int vf]
    {
        get
        {
            lock (_gate)
                return new SecondaryState(vf < _enabled, _isOnline[vf], OfSecondary(vf));
        }
    }

    /// <summary>The PF's SR-IOV capability enables so many VFs, 0 when VF Enable is clear. Others go offline and lose what they had.</summary>
    public void VfsEnabled(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)_settings.TotalVfs, nameof(count));
        lock (_gate)
        {
            int before = _enabled;
            _enabled = count;
            for (int vf = count; vf < _isOnline.Length; vf++)
                SetOffline(vf);
            for (int vf = before; vf < count && !IsManaged; vf++)
                SetOnline(vf);
        }
    }

    /// <summary>What a controller has. The primary's changes with its resets other than CC.EN, a secondary's while it is offline.</summary>
    internal ControllerResources Resources(ushort controller)
    {
        lock (_gate)
        {
            return controller == ControllerId.Primary
                ? new ControllerResources(_queues.OfPrimary, _interrupts.OfPrimary)
                : OfSecondary(ControllerId.ToVf(controller));
        }
    }

    /// <summary>CC.EN of the primary controller went from 1 to 0.</summary>
    internal void PrimaryDisabled()
    {
        if (!_settings.PrimaryResetKeepsSecondaries)
            SetManagedOffline();
    }

    /// <summary>Function-level or PCI reset of the PF, or NVM subsystem reset: the primary controller has now what was allocated to it.</summary>
    internal void PrimaryReset()
    {
        lock (_gate)
        {
            _queues.Apply();
            _interrupts.Apply();
        }

        SetManagedOffline();
    }

    /// <summary>Virtualization Management, from the primary controller (NVMe 1.4, 5.22).</summary>
    /// <param name="dword10">ACT in bits 3:0, RT in 10:8, CNTLID in 31:16.</param>
    /// <param name="dword11">NR in bits 15:0.</param>
    /// <param name="changed">Dword 0 of the completion: resources that were allocated or assigned.</param>
    internal NvmeStatus Execute(uint dword10, uint dword11, out uint changed)
    {
        changed = 0;
        var controller = (ushort)(dword10 >> 16);
        FlexibleResource? resource = ((dword10 >> 8) & 7) switch
        {
            (uint)ResourceType.VirtualQueue when _queues.IsFlexible => _queues,
            (uint)ResourceType.VirtualInterrupt when _interrupts.IsFlexible => _interrupts,
            _ => null,
        };
        int count = (ushort)dword11;
        NvmeStatus status;
        lock (_gate)
        {
            switch (dword10 & 15)
            {
                case 1:
                    status = AllocateToPrimary(controller, resource, count);
                    break;
                case 7:
                    return Switch(controller, isOnline: false);
                case 8:
                    status = Assign(controller, resource, count);
                    break;
                case 9:
                    return Switch(controller, isOnline: true);
                default:
                    return NvmeStatus.InvalidField;
            }
        }

        changed = status == NvmeStatus.Success ? (uint)count : 0;
        return status;
    }

    /// <summary>Primary Controller Capabilities (CNS 14h); the data are zero before.</summary>
    internal void DescribePrimary(Span<byte> data)
    {
        lock (_gate)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(data, ControllerId.Primary);
            data[4] = (byte)((_queues.IsFlexible ? 1 : 0) | (_interrupts.IsFlexible ? 2 : 0));
            _queues.Describe(data[32..]);
            _interrupts.Describe(data[64..]);
        }
    }

    /// <summary>Secondary Controller List (CNS 15h) of identifiers from one on; the data are zero before.</summary>
    internal void List(ushort first, Span<byte> data)
    {
        lock (_gate)
        {
            for (int vf = Math.Max(0, ControllerId.ToVf(first)); vf < _isOnline.Length; vf++)
            {
                Span<byte> entry = data.Slice(EntryLength * (data[0] + 1), EntryLength);
                data[0]++;
                BinaryPrimitives.WriteUInt16LittleEndian(entry, ControllerId.OfVf(vf));
                BinaryPrimitives.WriteUInt16LittleEndian(entry[2..], ControllerId.Primary);
                entry[4] = (byte)(_isOnline[vf] ? 1 : 0);
                BinaryPrimitives.WriteUInt16LittleEndian(entry[8..], (ushort)(vf + 1));
                BinaryPrimitives.WriteUInt16LittleEndian(entry[10..], (ushort)_queues.OfSecondary(vf));
                BinaryPrimitives.WriteUInt16LittleEndian(entry[12..], (ushort)_interrupts.OfSecondary(vf));
            }
        }
    }

    private static NvmeStatus AllocateToPrimary(ushort controller, FlexibleResource? resource, int count)
    {
        if (controller != ControllerId.Primary)
            return NvmeStatus.InvalidControllerId;
        return resource?.Allocate(count) ?? NvmeStatus.InvalidResourceId;
    }

    private NvmeStatus Assign(ushort controller, FlexibleResource? resource, int count)
    {
        int vf = ControllerId.ToVf(controller);
        if ((uint)vf >= (uint)_isOnline.Length)
            return NvmeStatus.InvalidControllerId;
        if (resource is null)
            return NvmeStatus.InvalidResourceId;
        if (_isOnline[vf])
            return NvmeStatus.InvalidSecondaryState;
        NvmeStatus status = resource.Assign(vf, count);
        if (status == NvmeStatus.Success)
            _events(controller)?.ResourcesChanged();
        return status;
    }

    private NvmeStatus Switch(ushort controller, bool isOnline)
    {
        int vf = ControllerId.ToVf(controller);
        if ((uint)vf >= (uint)_isOnline.Length)
            return NvmeStatus.InvalidControllerId;
        if (!isOnline)
        {
            if (SetOffline(vf))
                Switched?.Invoke(vf, false);
            return NvmeStatus.Success;
        }

        if (vf >= _enabled || OfSecondary(vf) is { Queues: < 2 } or { Interrupts: < 1 })
            return NvmeStatus.InvalidSecondaryState;
        if (SetOnline(vf))
            Switched?.Invoke(vf, true);
        return NvmeStatus.Success;
    }

    private ControllerResources OfSecondary(int vf) => IsManaged
        ? new ControllerResources(_queues.OfSecondary(vf), _interrupts.OfSecondary(vf))
        : new ControllerResources(_settings.VfQueues, _settings.VfInterrupts);

    /// <summary>Secondary controllers that are managed do not outlive a reset of their primary.</summary>
    private void SetManagedOffline()
    {
        lock (_gate)
        {
            for (int vf = 0; vf < _isOnline.Length && IsManaged; vf++)
            {
                if (SetOffline(vf))
                    Switched?.Invoke(vf, false);
            }
        }
    }

    /// <summary>False when it was.</summary>
    private bool SetOnline(int vf)
    {
        if (_isOnline[vf])
            return false;
        _isOnline[vf] = true;
        _events(ControllerId.OfVf(vf))?.OnlineChanged(true);
        return true;
    }

    /// <summary>False when it was.</summary>
    private bool SetOffline(int vf)
    {
        _queues.Release(vf);
        _interrupts.Release(vf);
        if (!_isOnline[vf])
            return false;
        _isOnline[vf] = false;
        _events(ControllerId.OfVf(vf))?.OnlineChanged(false);
        return true;
    }
}
